-- What orders of a funded product are charged for their trades, in the quote currency.
--
-- Most orders have none of these:
--   makerRate, takerRate  in parts per million, as the product had them when the order came, or came to its place; nil is zero
--   rate                  the highest of them that it may still be charged
--   over                  millionths of a unit that it has paid too much so far, since its fees are rounded up, all of them together

local million = 1000000

-- What an order has to pay for trading a value, and what it will have paid too much then. The product of a value and a rate may be
-- beyond 2^53; that of a rest below a million and a rate is not.
local function feeOf(value, rate, over)
  local rest = value % million
  local millionths = rest * rate - over
  local units = math.ceil(millionths / million)
  return (value - rest) / million * rate + units, units * million - millionths
end

-- The largest value that comes with its fee to no more than so many units.
local function valueWithin(units, rate)
  local whole = million + rate
  local rest = units % whole
  return (units - rest) / whole * million + floor(rest * million / whole)
end

-- The funds of a market buy are for its fee as well.
local function takeWithinFunds(product, order)
  if order.takerRate and order.funds and not order.price and order.side == 'buy' then
    local quoteUnits = product.funding.quoteUnits
    order.spendable, order.funds = order.funds, floor(valueWithin(order.funds * quoteUnits, order.takerRate) / quoteUnits)
  end
end

-- Gives an order that comes in the rates of its product. `limit` is its price, nil for a market order.
local function giveRates(product, order, limit, timeInForce)
  local maker, taker = product.makerRate, product.takerRate
  order.makerRate, order.takerRate = maker, taker
  if order.post == 'post' then
    order.rate = maker
  elseif not limit or timeInForce == 'IOC' or timeInForce == 'FOK' then
    order.rate = taker
  else
    order.rate = max(maker or 0, taker or 0)
  end
end

-- The rates of an order as a report says them: nothing if it has none, and had none `before`.
local function ratesText(order, before)
  if not (order.makerRate or order.takerRate or before and (before.makerRate or before.takerRate)) then
    return ''
  end
  return ' ' .. digits(order.makerRate or 0) .. ' ' .. digits(order.takerRate or 0)
end
