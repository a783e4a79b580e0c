-- What each kind of command does to its book.

-- In an auction orders gather. Otherwise they trade as they come in. Returns why the taker is done, or nil if it may rest.
local function takeUnder(product, taker, timeInForce)
  if product.status == 'auction' then
    return nil
  end
  return timeInForce == 'FOK' and missOf(product, taker) or take(product, taker)
    or timeInForce ~= 'GTC' and timeInForce ~= 'GTT' and 'time_in_force' or nil
end

local function enter(sequence, line, product, taker, timeInForce)
  if product and (product.makerRate or product.takerRate) then
    giveRates(product, taker, taker.price, timeInForce)
    takeWithinFunds(product, taker)
  end
  local reason = batch and judged(sequence)
  if reason == nil then
    reason = refusalOf(product, taker, timeInForce)
  elseif not reason then
    takeUpMarks(product)
  end
  reason = reason or not secure(product, taker, 0) and 'insufficient_funds'
  if reason then
    return refuse(sequence, reason, line)
  end
  accept(sequence, product, line)
  product.feed = product.feed + 1 -- the public event `received`
  settle(product, taker, sequence, takeUnder(product, taker, timeInForce))
  return product
end

local function place(sequence, line)
  return enter(sequence, line, readPlace(sequence, line))
end

-- A stop order comes in at once if the last trade meets it, unless there is an auction, and waits otherwise.
local function waitOrActivate(sequence, product, waiting, before)
  if product.status ~= 'auction' and product.last and isMet(waiting.stop, waiting.price, product.last) then
    activate(sequence, product, waiting)
  else
    waiting.place = sequence
    startWaiting(product, waiting, before)
  end
  return product
end

local function placeStop(sequence, line, product, waiting)
  if product then
    giveRates(product, waiting, waiting.limit, 'GTC')
  end
  local funding = product and product.funding
  local reason = judged(sequence) or closed(product) or barred(waiting)
    or funding and not waiting.limit and (waiting.side == 'buy' and not waiting.funds or waiting.side == 'sell'
      and waiting.size == math.huge) and 'stop_unbounded'
    or funding and not reserve(product, waiting, heldBy(product, waiting), 0) and 'insufficient_funds'
  if reason then
    return refuse(sequence, reason, line)
  end
  accept(sequence, product, line)
  return waitOrActivate(sequence, product, waiting)
end

local function placeSpecial(sequence, line)
  local product, order, timeInForce = readSpecial(sequence, line)
  if order.stop then
    return placeStop(sequence, line, product, order)
  end
  return enter(sequence, line, product, order, timeInForce)
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
  takeOut(product, order, 'canceled')
end

-- Takes an order from its place and lets it come in again with another price or size.
local function moveOrder(sequence, product, order, moved, line)
  giveRates(product, moved, moved.price, 'GTC')
  moved.over = order.over
  local reason = unfit(product, moved, 'GTC') or product.collar and bindTo(product, moved) and 'price_collar'
  if reason then
    return refuse(sequence, reason, line)
  end
  if moved.post == 'post' and wouldTrade(product, moved) then
    return refuse(sequence, 'post_only', line)
  end
  if not secure(product, moved, product.funding and cost(product, order, order.price, leftOf(order))) then
    return refuse(sequence, 'insufficient_funds', line)
  end
  accept(sequence, product, line)
  leave(order)
  orders[moved.id] = moved
  reportChange(product, moved, 'amend', 'moved')
  settle(product, moved, sequence, takeUnder(product, moved, 'GTC'), order)
  return product
end

-- A waiting order waits anew, or comes in if the last trade meets its new stop price.
local function amendStop(sequence, product, order, amended, line)
  giveRates(product, amended, amended.limit, 'GTC')
  if product.funding and not reserve(product, amended, heldBy(product, amended), heldBy(product, order)) then
    return refuse(sequence, 'insufficient_funds', line)
  end
  accept(sequence, product, line)
  leave(order)
  countStops(product, -1)
  return waitOrActivate(sequence, product, amended, order)
end

local function amendAny(sequence, line, trader, id, given)
  local mostTips = 100 -- that may remain of an iceberg
  local order = restingOrder(id)
  if not order or order.trader ~= trader then
    return refuse(sequence, 'order_not_resting', line)
  end
  local product = productOf(order.product)
  local limit = order.price
  if order.stop then
    limit = order.limit
  end
  local newPrice, newSize = given.price or limit, given.size or order.size
  local remaining = newSize == math.huge and newSize or newSize - (order.size - leftOf(order))
  local reason = closed(product) or barred(order)
    or (given.price and not limit or given.size and order.size == math.huge or given.expires and not order.expires
      or given.stopPrice and not order.stop) and 'not_amendable'
    or remaining <= 0 and 'size_filled'
    or (newPrice and newPrice * newSize > mostUnits or order.floor and remaining > mostTips * order.floor) and 'too_large'
  if reason then
    return refuse(sequence, reason, line)
  end
  local expires = given.expires or order.expires
  if order.stop then
    return amendStop(sequence, product, order, {
      id = id, trader = trader, product = order.product, side = order.side, price = given.stopPrice or order.price,
      limit = newPrice, size = newSize, remaining = remaining, funds = order.funds, stp = order.stp, post = order.post,
      stop = order.stop, expires = expires, floor = order.floor,
    }, line)
  end
  if newPrice == order.price and newSize <= order.size then
    accept(sequence, product, line)
    order.expires = expires
    release(product, order, leftOf(order) - remaining)
    order.size = newSize
    setLeft(order, remaining)
    touch(order)
    return reportChange(product, order, 'amend', 'kept')
  end
  return moveOrder(sequence, product, order, {
    id = id, trader = trader, product = order.product, side = order.side, price = newPrice, size = newSize,
    remaining = remaining, stp = order.stp, post = order.post, expires = expires, floor = order.floor,
  }, line)
end

local function amend(sequence, line)
  local trader, id, price, size = capture(line, '^amend (%d+) (%d+) (%S+) (%S+) ')
  return amendAny(sequence, line, trader, id, { price = tonumber(price), size = tonumber(size) })
end

-- An amend with terms: a stop price, a time at which the order expires.
local function amendSpecial(sequence, line)
  local trader, id, price, size, terms = capture(line, '^change (%d+) (%d+) (%S+) (%S+) (%S+) ')
  return amendAny(sequence, line, trader, id, {
    price = tonumber(price), size = tonumber(size), stopPrice = tonumber(capture(terms, 'stop:(%d+)')),
    expires = tonumber(capture(terms, 'expire:(%d+)')),
  })
end

-- Announces a product row, and uncrosses a crossed book if that lets it trade. Returns nil and true if it must begin a run.
-- Its time and request end the line; lines from before there was money have neither funding nor request.
local function changeProduct(sequence, line)
  local id, row = capture(line, '^product (%S+) (.+) %d+ %S+\n$')
  if not capture(row, '^%S+ %d+ ') then
    id, row = capture(line, '^product (%S+) ([%l_]+ %d+) ')
    row = row .. ' -'
  end
  local product = productOf(id) or openProduct(id, row)
  local uncrosses = capture(row, '^%S+') == 'online' and isCrossed(product)
  if uncrosses and not isFresh then
    return nil, true
  end
  describe(product, row)
  product.row = row
  if not uncrosses then
    acceptOffBook(sequence, line)
    return
  end
  accept(sequence, product, line)
  startUncross(product)
  return product
end

local rules = {
  place = place, cancel = cancel, amend = amend, product = changeProduct, order = placeSpecial, change = amendSpecial,
  batch = beginBatch, freeze = freeze, unfreeze = unfreeze, deposit = deposit, withdraw = withdraw, transfer = transfer,
}

-- Among the orders of a batch it stands for one, and stop orders that wait for that one wait for it.
function rules.time(sequence, line)
  local product = expiry.begin(sequence, line)
  if product and judged(sequence) == false then
    takeUpMarks(product)
  end
  return product
end

local cascading, cascadingFrom -- the product whose cascade goes on in the next run, and its first piece of the reports

-- Returns true if the command is not done: it must begin a run, the stream lacks what it needs, or the run has made its steps before all
-- that it sets off.
local function apply(sequence, line)
  local from = said + 1
  commandAt = sequence
  -- Those that may trade return their product.
  local product, mustWait = rules[capture(line, '^%l+')](sequence, line)
  if mustWait then
    return true
  end
  isFresh = false
  if marks[1] then
    putMarksBy(sequence, product)
  end
  if not uncrossing and not expiry.left and not marks[1] then
    reportAccounts()
  elseif not goOn(sequence, product) then
    cascading, cascadingFrom = product, from
    return true
  end
  turn, reference = 0, nil
end
