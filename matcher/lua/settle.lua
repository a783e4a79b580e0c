-- How a command is accepted, and where an incoming order ends.

local function accept(sequence, product, line)
  sayCommand(sequence, 'ok', product.id, product.feed, line)
end

-- Why orders of a product are refused, or nil.
local function closed(product)
  if not product then
    return 'product_not_found'
  end
  return product.status ~= 'online' and product.status ~= 'auction' and product.status or nil
end

-- Why an order that comes in cannot wait for the price of an auction, or nil.
local function unfit(product, taker, timeInForce)
  local canWait = taker.price and timeInForce ~= 'IOC' and timeInForce ~= 'FOK' and taker.post ~= 'post'
  return product.status == 'auction' and not canWait and 'auction' or nil
end

-- The taker has traded: it is done for the reason given, or it rests in the place of its command. `before` is what it was before an
-- amend.
local function settle(product, taker, sequence, reason, before)
  taker.rate = taker.makerRate
  if product.funding then
    giveBack(product, taker, not reason)
  end
  if reason then
    taker.gone = true
    reportDone(product, taker, reason)
  else
    taker.place = sequence
    local remaining, hidden = partsOf(taker)
    if taker.floor then
      taker.hidden = max(taker.remaining - taker.floor, 0)
      taker.remaining = taker.remaining - taker.hidden
    end
    rest(ownHalf(product, taker.side), taker)
    report(product, 'open ' .. taker.id .. ' ' .. remaining .. ratesText(taker, before) .. hidden .. '\n')
  end
end
