-- What each kind of command does to its book.

local function accept(sequence, product, line)
  sayCommand(sequence, 'ok', product.id, product.feed, line)
end

-- Why orders of a product are refused, or nil.
local function closed(product)
  if not product then
    return 'product_not_found'
  end
  return product.status ~= 'online' and product.status or nil
end

-- The taker has traded: it is done for the reason given, or it rests in the place of its command.
local function settle(product, taker, sequence, reason)
  giveBack(product, taker, not reason)
  if reason then
    taker.gone = true
    reportDone(product, taker, reason)
  else
    taker.place = sequence
    rest(ownHalf(product, taker.side), taker)
    report(product, 'open ' .. taker.id .. ' ' .. digits(taker.remaining) .. '\n')
  end
end

local function place(sequence, line)
  local trader, productId, side, price, size, funds, timeInForce, post, stp =
    capture(line, '^place (%d+) (%S+) (%l+) (%S+) (%S+) (%S+) (%u+) (%S+) (%l+) ')
  local product = productOf(productId)
  local lots = tonumber(size)
  local taker = {
    id = sequence, trader = trader, product = productId, side = side, price = tonumber(price),
    size = lots or math.huge, remaining = lots or product and product.maxSize, funds = tonumber(funds),
    stp = stp, post = post,
  }
  local reason = closed(product)
    or post == 'post' and wouldTrade(product, taker) and 'post_only'
    or not secure(product, taker, 0) and 'insufficient_funds'
  if reason then
    return refuse(sequence, reason, line)
  end
  accept(sequence, product, line)
  product.feed = product.feed + 1 -- the public event `received`
  local ended = timeInForce == 'FOK' and missOf(product, taker)
    or take(product, taker) or timeInForce ~= 'GTC' and 'time_in_force'
  settle(product, taker, sequence, ended)
end

local function cancel(sequence, line)
  local trader, id, productId = capture(line, '^cancel (%d+) (%d+) (%S+) ')
  local order = restingOrder(id)
  if not order or order.trader ~= trader or productId ~= '-' and productId ~= order.product then
    return refuse(sequence, 'order_not_resting', line)
  end
  local product = productOf(order.product)
  if product.status == 'offline' then
    return refuse(sequence, 'offline', line)
  end
  accept(sequence, product, line)
  removeMaker(product, order, 'canceled')
end

-- Takes an order from its place and lets it come in again with another price or size.
local function moveOrder(sequence, product, order, moved, line)
  if moved.post == 'post' and wouldTrade(product, moved) then
    return refuse(sequence, 'post_only', line)
  end
  if not secure(product, moved, product.funding and cost(product, order, order.price, order.remaining)) then
    return refuse(sequence, 'insufficient_funds', line)
  end
  accept(sequence, product, line)
  leave(order)
  orders[moved.id] = moved
  reportChange(product, moved, 'amend', 'moved')
  settle(product, moved, sequence, take(product, moved))
end

local function amend(sequence, line)
  local trader, id, price, size = capture(line, '^amend (%d+) (%d+) (%S+) (%S+) ')
  local order = restingOrder(id)
  if not order or order.trader ~= trader then
    return refuse(sequence, 'order_not_resting', line)
  end
  local product = productOf(order.product)
  local newPrice, newSize = tonumber(price) or order.price, tonumber(size) or order.size
  local remaining = newSize - (order.size - order.remaining)
  local reason = closed(product) or remaining <= 0 and 'size_filled' or newPrice * newSize > mostUnits and 'too_large'
  if reason then
    return refuse(sequence, reason, line)
  end
  if newPrice == order.price and newSize <= order.size then
    accept(sequence, product, line)
    release(product, order, order.remaining - remaining)
    order.size, order.remaining = newSize, remaining
    touch(order)
    return reportChange(product, order, 'amend', 'kept')
  end
  moveOrder(sequence, product, order, {
    id = id, trader = trader, product = order.product, side = order.side, price = newPrice, size = newSize,
    remaining = remaining, stp = order.stp, post = order.post,
  }, line)
end

-- Announces a product row. Its time and request end the line; lines from before there was money have neither funding nor request.
local function changeProduct(sequence, line)
  local id, row = capture(line, '^product (%S+) (.+) %d+ %S+\n$')
  if not capture(row, '^%S+ %d+ ') then
    id, row = capture(line, '^product (%S+) ([%l_]+ %d+) ')
    row = row .. ' -'
  end
  local product = productOf(id) or openProduct(id, row)
  describe(product, row)
  product.row = row
  acceptOffBook(sequence, line)
end

local rules = {
  place = place, cancel = cancel, amend = amend, product = changeProduct,
  deposit = deposit, withdraw = withdraw, transfer = transfer,
}

local function apply(sequence, line)
  rules[capture(line, '^%l+')](sequence, line)
  reportAccounts()
end
