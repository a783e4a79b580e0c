-- Trading an incoming order, the taker, against the opposite half of its book.
--
-- A taker is an order table that may lack a price (market), and has no place until it rests. A market order by funds
-- alone has an infinite size. `product` is the product's table here, since feed and trade numbers are taken from it.

local function report(product, line)
  product.feed = product.feed + 1
  say(line)
end

local function reportDone(product, order, reason)
  local remaining = order.remaining == math.huge and '-' or digits(order.remaining)
  report(product, 'done ' .. order.id .. ' ' .. reason .. ' ' .. remaining .. '\n')
end

local function reportChange(product, order, why, kept)
  local price = order.price and format('%d', order.price) or '-'
  report(product, format('change %s %s %s %d %d %s\n', order.id, why, price, order.size, order.remaining, kept))
end

local function removeMaker(product, maker, reason)
  release(product, maker, maker.remaining)
  leave(maker)
  reportDone(product, maker, reason)
end

local function reduce(product, order, lots)
  order.remaining = order.remaining - lots
  order.size = order.size - lots
  if order.size < math.huge then
    reportChange(product, order, 'self_trade', 'kept')
  end
end

local function crosses(taker, price)
  if not taker.price then
    return true
  end
  if taker.side == 'buy' then
    return price <= taker.price
  end
  return price >= taker.price
end

-- How many lots the taker can still take at a price.
local function affordable(taker, price)
  if not taker.funds then
    return taker.remaining
  end
  return min(taker.remaining, floor(taker.funds / price)) -- exact: a quotient is rounded up to a whole number above 2^53 only
end

local function spend(taker, lots, price)
  taker.remaining = taker.remaining - lots
  if taker.funds then
    taker.funds = taker.funds - lots * price
  end
end

local function trade(product, taker, maker, lots)
  spend(taker, lots, maker.price)
  taker.traded = true
  maker.remaining = maker.remaining - lots
  pay(product, taker, maker, lots)
  product.tradeId = product.tradeId + 1
  report(product, 'match ' .. format('%d', product.tradeId) .. ' ' .. taker.side .. ' ' .. maker.id .. ' ' .. maker.trader .. ' '
    .. digits(maker.price) .. ' ' .. digits(lots) .. '\n')
  if maker.remaining == 0 then
    removeMaker(product, maker, 'filled')
  else
    touch(maker)
  end
end

-- What a market order would trade with the book as it stands: lots and value. Its trader's own orders count as they would.
local function marketTrade(product, taker)
  local left = { remaining = taker.remaining, funds = taker.funds }
  local lots, value = 0, 0
  walk(oppositeHalf(product, taker.side), function(maker)
    local most = affordable(left, maker.price)
    if most == 0 then
      return true
    end
    local size = min(most, maker.remaining)
    if taker.stp ~= 'none' and maker.trader == taker.trader then
      if taker.stp == 'dc' then
        spend(left, size, maker.price)
      end
      return taker.stp ~= 'co' and (taker.stp ~= 'dc' or most <= maker.remaining)
    end
    spend(left, size, maker.price)
    lots, value = lots + size, value + size * maker.price
    return size < maker.remaining or left.remaining == 0
  end)
  return lots, value
end

-- What a taker may have to pay at most. Funds, and the size of a sell, are what their sender says; else the book decides.
local function mostCost(product, taker)
  if taker.price then
    return cost(product, taker, taker.price, taker.remaining)
  end
  local funding = product.funding
  if taker.side == 'buy' then
    return (taker.funds or select(2, marketTrade(product, taker))) * funding.quoteUnits
  end
  local lots = taker.funds and marketTrade(product, taker) or taker.remaining
  return lots * funding.baseUnits
end

-- Puts on hold what the taker may have to pay. Returns false if its trader has too little.
local function secure(product, taker, brought)
  return not product.funding or reserve(product, taker, mostCost(product, taker), brought)
end

-- Taker and maker are one trader's. Returns true if that ends the taker.
local function preventSelfTrade(product, taker, maker, lots)
  local mode = taker.stp
  if mode == 'co' then
    removeMaker(product, maker, 'self_trade')
    return false
  elseif mode == 'cn' then
    return true
  elseif mode == 'cb' or lots == maker.remaining then
    removeMaker(product, maker, 'self_trade')
    return true
  elseif lots < maker.remaining then
    release(product, maker, lots)
    reduce(product, maker, lots)
    touch(maker)
    return true
  end
  local smaller = maker.remaining
  removeMaker(product, maker, 'self_trade')
  if taker.funds then
    taker.funds = taker.funds - smaller * maker.price
  end
  reduce(product, taker, smaller)
  return false
end

-- Trades as far as prices cross. Returns the reason for which the taker is done, or nil if it may go on to rest.
local function take(product, taker)
  local opposite = oppositeHalf(product, taker.side)
  while taker.remaining > 0 and taker.funds ~= 0 do
    local maker = best(opposite)
    if not maker or not crosses(taker, maker.price) then
      return not taker.price and 'no_liquidity' or nil
    end
    local lots = affordable(taker, maker.price)
    if lots == 0 then
      return taker.traded and 'filled' or 'no_liquidity'
    end
    if taker.stp ~= 'none' and maker.trader == taker.trader then
      if preventSelfTrade(product, taker, maker, lots) then
        return 'self_trade'
      end
    else
      trade(product, taker, maker, min(lots, maker.remaining))
    end
  end
  return 'filled'
end

local function wouldTrade(product, taker)
  local maker = best(oppositeHalf(product, taker.side))
  return maker and crosses(taker, maker.price)
end

-- Whether the taker can trade in full at once, counting what rests before its own first order if those may not trade.
local function canFill(product, taker)
  local missing = taker.remaining
  walk(oppositeHalf(product, taker.side), function(maker)
    if not crosses(taker, maker.price) or taker.stp ~= 'none' and maker.trader == taker.trader then
      return true
    end
    missing = missing - maker.remaining
    return missing <= 0
  end)
  return missing <= 0
end
