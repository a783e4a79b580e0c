-- Trading an incoming order, the taker, against the opposite half of its book.
--
-- A taker is an order table that may lack a price (market), may have a `bound` (see collar.lua), and has no place until it rests. A
-- market order by funds alone has an infinite size; what remains of it is bounded by the largest size of the product. `product` is the product's table here, since feed and trade numbers are taken from it.

local function report(product, line)
  product.feed = product.feed + 1
  said = said + 1
  pieces[said] = line
end

local function reportDone(product, order, reason)
  local remaining, hidden = '-', ''
  if order.size < math.huge then
    remaining, hidden = partsOf(order)
  end
  report(product, 'done ' .. order.id .. ' ' .. reason .. ' ' .. remaining .. hidden .. '\n')
end

local function reportChange(product, order, why, kept)
  local price = order.price and format('%d', order.price) or '-'
  local remaining, hidden = partsOf(order)
  report(product, format('change %s %s %s %d %s %s%s\n', order.id, why, price, order.size, remaining, kept, hidden))
end

local function removeMaker(product, maker, reason)
  release(product, maker, leftOf(maker))
  leave(maker)
  reportDone(product, maker, reason)
end

-- Ends an order that rests or waits.
local function takeOut(product, order, reason)
  if order.stop then
    dismiss(product, order, reason)
  else
    removeMaker(product, order, reason)
  end
end

local function reduce(product, order, lots)
  if order.hidden then
    setLeft(order, leftOf(order) - lots)
  else
    order.remaining = order.remaining - lots
  end
  order.size = order.size - lots
  if order.size < math.huge then
    reportChange(product, order, 'self_trade', 'kept')
  end
end

local function crosses(taker, price)
  local limit = taker.bound or taker.price
  if not limit then
    return true
  end
  if taker.side == 'buy' then
    return price <= limit
  end
  return price >= limit
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

-- What becomes of an order of the book that has traded: it goes on with what it shows, shows its next tip, or is filled. Whoever
-- traded it has paid, so that a filled one holds nothing.
local function wear(product, order)
  if order.remaining > 0 then
    touch(order)
  elseif (order.hidden or 0) > 0 then
    refill(product, order)
  else
    leave(order)
    reportDone(product, order, 'filled')
  end
end

local function trade(product, taker, maker, lots)
  spend(taker, lots, maker.price)
  taker.traded = true
  maker.remaining = maker.remaining - lots
  if product.funding then
    pay(product, taker, maker, lots)
  end
  product.tradeId = product.tradeId + 1
  product.last = maker.price
  if product.stops > 0 then
    leaveMark(maker.price)
  end
  local fees = (maker.makerRate or taker.takerRate) and charge(product, taker, maker, lots) or ''
  report(product, 'match ' .. format('%d', product.tradeId) .. ' ' .. taker.side .. ' ' .. maker.id .. ' ' .. maker.trader .. ' '
    .. digits(maker.price) .. ' ' .. digits(lots) .. fees .. '\n')
  wear(product, maker)
end

-- What a market order would trade with the book as it stands: lots and value. Its trader's own orders count as they would.
-- More than `enough` lots or value is as good as any more.
local function marketTrade(product, taker, enough)
  local lots, value
  survey(product, taker, function()
    local left = { remaining = taker.remaining, funds = taker.funds }
    lots, value = 0, 0
    local function visit(maker, beyond)
      local most = affordable(left, maker.price)
      if beyond or most == 0 or not crosses(taker, maker.price) or lots > enough.lots or value > enough.value then
        return true
      end
      if taker.stp ~= 'none' and maker.trader == taker.trader then
        if taker.stp == 'dc' then
          spend(left, min(most, leftOf(maker)), maker.price)
        end
        return taker.stp ~= 'co' and (taker.stp ~= 'dc' or most <= leftOf(maker))
      end
      local size = min(most, maker.remaining)
      spend(left, size, maker.price)
      lots, value = lots + size, value + size * maker.price
      return size < maker.remaining or left.remaining == 0
    end
    -- A check ends at an order that takes the rest of size or funds; at one of its own, if a single lot more would not be paid for.
    local function pass(block)
      local own = taker.stp ~= 'none' and block.own[taker.trader] or nothing
      if not crosses(taker, block.worst) or own ~= nothing and (taker.stp == 'cn' or taker.stp == 'cb') then
        return false
      end
      local others, othersValue = block.lots - own.lots, block.value - own.value
      local spent, spentValue = others, othersValue
      if taker.stp == 'dc' then
        spent, spentValue = block.lots, block.value
      end
      if spent >= left.remaining or left.funds and spentValue + block.dearest > left.funds then
        return false
      end
      left.remaining = left.remaining - spent
      left.funds = left.funds and left.funds - spentValue
      lots, value = lots + others, value + othersValue
      return true
    end
    return visit, pass
  end)
  return lots, value
end

-- What a taker may have to pay at most. Funds, and the size of a sell, are what their sender says; else the book decides.
local function mostCost(product, taker)
  if taker.price then
    return cost(product, taker, taker.price, taker.remaining)
  end
  local funding, available = product.funding, payingAccount(product, taker).available
  if taker.side == 'buy' then
    if taker.funds then
      return (taker.spendable or taker.funds) * funding.quoteUnits
    end
    local enough = { lots = math.huge, value = available / funding.quoteUnits }
    local _, value = marketTrade(product, taker, enough)
    return cost(product, taker, 1, value)
  end
  local enough = { lots = available / funding.baseUnits, value = math.huge }
  local lots = taker.funds and marketTrade(product, taker, enough) or taker.remaining
  return lots * funding.baseUnits
end

-- Puts on hold what the taker may have to pay. Returns false if its trader has too little.
local function secure(product, taker, brought)
  return not product.funding or reserve(product, taker, mostCost(product, taker), brought)
end

-- Taker and maker are one trader's. Returns true if that ends the taker.
local function preventSelfTrade(product, taker, maker, lots)
  local mode, whole = taker.stp, leftOf(maker)
  if mode == 'co' then
    removeMaker(product, maker, 'self_trade')
    return false
  elseif mode == 'cn' then
    return true
  elseif mode == 'cb' or lots == whole then
    removeMaker(product, maker, 'self_trade')
    return true
  elseif lots < whole then
    release(product, maker, lots)
    reduce(product, maker, lots)
    touch(maker)
    return true
  end
  removeMaker(product, maker, 'self_trade')
  if taker.funds then
    taker.funds = taker.funds - whole * maker.price
  end
  reduce(product, taker, whole)
  return false
end

-- Why a taker that meets nobody any more is done, or nil if it may go on to rest. `maker` is the best that it may not trade with.
local function endOf(taker, maker)
  if not taker.price and (not maker or affordable(taker, maker.price) == 0) then
    return maker and taker.traded and 'filled' or 'no_liquidity'
  end
  return taker.bound and 'price_collar' or nil
end

-- Trades as far as prices cross. Returns the reason for which the taker is done, or nil if it may go on to rest.
local function take(product, taker)
  local opposite = oppositeHalf(product, taker.side)
  local met, price = 0, 0
  while taker.remaining > 0 and taker.funds ~= 0 do
    local maker = best(opposite)
    if not maker or not crosses(taker, maker.price) then
      return endOf(taker, maker)
    end
    local lots = affordable(taker, maker.price)
    if lots == 0 then
      return taker.traded and 'filled' or 'no_liquidity'
    end
    if met == product.maxMakers then
      return 'maker_limit'
    end
    met, price, steps = met + 1, maker.price, steps + tradeSteps
    if taker.stp ~= 'none' and maker.trader == taker.trader then
      if preventSelfTrade(product, taker, maker, lots) then
        return 'self_trade'
      end
    else
      trade(product, taker, maker, min(lots, maker.remaining))
    end
  end
  if taker.funds == 0 and not taker.traded then
    return 'no_liquidity' -- its fee left it nothing to trade with
  end
  -- Nobody sent the size that is used up, and the funds would have bought another lot.
  return taker.size == math.huge and taker.remaining == 0 and taker.funds >= price and 'size_limit' or 'filled'
end

local function wouldTrade(product, taker)
  local maker = best(oppositeHalf(product, taker.side))
  return maker and crosses(taker, maker.price)
end

-- Why the taker cannot trade in full at once, or nil. What rests behind its own first order does not count if those may not trade.
local function missOf(product, taker)
  local reason
  survey(product, taker, function()
    local missing = taker.remaining
    reason = 'time_in_force'
    local function visit(maker, beyond)
      if not crosses(taker, maker.price) or taker.stp ~= 'none' and maker.trader == taker.trader then
        return true
      elseif beyond then
        reason = 'maker_limit'
        return true
      end
      missing = missing - maker.remaining
      reason = missing > 0 and 'time_in_force' or nil
      return missing <= 0
    end
    local function pass(block)
      if not crosses(taker, block.worst) or taker.stp ~= 'none' and block.own[taker.trader] or block.lots >= missing then
        return false
      end
      missing = missing - block.lots
      return true
    end
    return visit, pass
  end)
  return reason
end
