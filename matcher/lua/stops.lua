-- Stop orders: those that wait for a price, and what happens when a trade meets it.
--
-- A waiting order stands in a half of its own, by its stop price: `losses`, the highest first, or `entries`, the lowest first.
-- Its table has the stop price as `price`, so that it is kept as resting orders are, and besides
--   stop    loss or entry
--   limit   the price of the order that it becomes, nil for a market order
--
-- A command's trades may meet any number of them. So a trade only leaves a mark if its price is lower or higher than every
-- trade's before it; the waiting orders that a mark meets come in one by one, and their trades leave marks behind it. If the
-- run has made its steps before all are in, the next run goes on here, before its first command.

local marks, mark = {}, 1 -- `stop` and `price` of each, and which one is at hand
local lowest, highest -- prices of this command's trades

local function stopsHalf(product, stop)
  local name = stop == 'loss' and 'losses' or 'entries'
  if not product[name] then
    product[name] = newHalf(product.id, name, stop == 'loss' and -1 or 1)
  end
  return product[name]
end

local function isMet(stop, stopPrice, price)
  if stop == 'loss' then
    return price <= stopPrice
  end
  return price >= stopPrice
end

local function leaveMark(price)
  if not lowest or price < lowest then
    lowest = price
    marks[#marks + 1] = { stop = 'loss', price = price }
  end
  if not highest or price > highest then
    highest = price
    marks[#marks + 1] = { stop = 'entry', price = price }
  end
end

local function encodeMarks(list, from, separator)
  local texts = {}
  for i = from, #list do
    texts[#texts + 1] = list[i].stop .. ':' .. digits(list[i].price)
  end
  return table.concat(texts, separator)
end

-- Returns marks as they were left, and the lowest and the highest price that they have.
local function decodeMarks(text)
  local list, prices = {}, {}
  for stop, price in string.gmatch(text, '(%l+):(%d+)') do
    list[#list + 1] = { stop = stop, price = tonumber(price) }
    prices[stop] = tonumber(price)
  end
  return list, prices.loss, prices.entry
end

-- What a waiting order holds: what its sender says that it may cost.
local function heldBy(product, waiting)
  if not product.funding then
    return 0
  elseif waiting.limit then
    return cost(product, waiting, waiting.limit, waiting.remaining)
  elseif waiting.side == 'buy' then
    return waiting.funds * product.funding.quoteUnits
  end
  return waiting.remaining * product.funding.baseUnits
end

local function countStops(product, by)
  product.stops = product.stops + by
  product.stopsCounted = true
end

local function textOf(number)
  return number and number < math.huge and digits(number) or '-'
end

local function startWaiting(product, waiting, before)
  countStops(product, 1)
  rest(stopsHalf(product, waiting.stop), waiting)
  say('wait ' .. waiting.id .. ' ' .. textOf(waiting.limit) .. ' ' .. textOf(waiting.size) .. ' ' .. digits(waiting.price)
    .. ratesText(waiting, before) .. '\n')
end

-- Ends a waiting order. Nobody but its trader ever knew of it.
local function dismiss(product, waiting, reason)
  local units = heldBy(product, waiting)
  if product.funding then
    move(payingAccount(product, waiting), units, -units)
  end
  leave(waiting)
  countStops(product, -1)
  say('leave ' .. waiting.id .. ' ' .. reason .. ' ' .. textOf(waiting.remaining) .. '\n')
end
