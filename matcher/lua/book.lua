-- The books, as far as a run needs them, in Lua tables.
--
-- An order is a table: id and trader (text), product, side, price, size, remaining, place (text), stp, post, and
--   expires  when it expires, and turn, which of those it was that one command gave a new place besides its own order; most have neither
--   fees     see fees.lua
--   floor    it is an iceberg: see icebergs.lua
--   stored   it rests in Redis, so leaving means removing it there
--   gone     it rests no longer; it may still be found in the lists below and is passed over
-- A half of a book (bids or asks) is a table:
--   ids, members  the orders that Redis holds, best first, as far as they were `fetched`, with
--   values        what the hash of orders has of them
--   fresh         the orders that came to rest in this run, best last
--   sign          -1 for bids, so that price * sign grows from the best price on, as scores do
--   top           where the best order is: a position in `ids`, and one in `fresh`

local firstFetch, largestFetch = 4, 1000

local steps = 0 -- orders that this run has looked at, and blocks of a depth; a maker that it met counts for as many as it costs
local tradeSteps = 6
local products = {} -- those of this run, in order and by id
local orders = {} -- by order id, the newest table of every order that this run has met
local touched = {} -- orders to write at the end, in the order in which they were first changed

local accountsIn -- see accounts.lua

local function newHalf(product, name, sign)
  local key = booksKey .. product .. ':' .. name
  return {
    key = key, sign = sign, ids = {}, members = {}, values = {}, fresh = {}, fetched = 0, nextFetch = firstFetch,
    complete = false, top = { stored = 1, fresh = 0 }, removed = {}, added = {}, surveyed = 0,
  }
end

-- Takes over what a product's row says: `<status> <version> <funding> <rules>`, where funding is `-` or
-- `<base currency>:<units a lot>:<quote currency>:<units a quote unit>`, and rules, if there are any, `<name>:<number>,...`.
local function describe(product, row)
  local status, funding, rules = capture(row, '^(%S+) %d+ ?(%S*) ?(%S*)$')
  product.status = status
  product.maxMakers = tonumber(capture(rules, 'makers:(%d+)') or math.huge)
  product.maxSize = tonumber(capture(rules, 'size:(%d+)') or math.huge)
  product.collar = tonumber(capture(rules, 'collar:(%d+)'))
  local base, baseUnits, quote, quoteUnits = capture(funding, '^(%w+):(%d+):(%w+):(%d+)$')
  product.funding = base
    and { bases = accountsIn(base), baseUnits = tonumber(baseUnits), quotes = accountsIn(quote), quoteUnits = tonumber(quoteUnits) }
  product.makerRate = base and tonumber(capture(rules, 'maker_fee:([1-9]%d*)'))
  product.takerRate = base and tonumber(capture(rules, 'taker_fee:([1-9]%d*)'))
end

-- A product with both halves of its book and the last numbers it gave to trades and to public events.
local function openProduct(id, row)
  local counters = redis.call('HMGET', stateKey, 'tradeId:' .. id, 'feed:' .. id, 'last:' .. id, 'stops:' .. id)
  local product = {
    id = id, tradeId = tonumber(counters[1] or 0), feed = tonumber(counters[2] or 0),
    last = tonumber(counters[3]), stops = tonumber(counters[4] or 0), -- the last trade's price, and how many stop orders wait
    bids = newHalf(id, 'bids', -1), asks = newHalf(id, 'asks', 1),
  }
  products[id] = product
  products[#products + 1] = product
  describe(product, row)
  return product
end

-- The product as its last `product` command left it, or nil if there was none.
local function productOf(id)
  if not products[id] then
    local row = redis.call('HGET', productsKey, id)
    return row and openProduct(id, row) or nil
  end
  return products[id]
end

local function ownHalf(product, side)
  return side == 'buy' and product.bids or product.asks
end

local function oppositeHalf(product, side)
  return side == 'buy' and product.asks or product.bids
end

-- The member of a resting order: its place, 16 digits, so that equal prices sort by time; and its id where that differs. Stop orders
-- that one command triggered, and refills, share its place, behind whatever else has it, and have their turn between.
local function memberOf(order)
  if order.member then
    return order.member
  end
  local member = string.sub('0000000000000000', #order.place + 1) .. order.place
  if order.turn then
    return member .. format(order.turn < 1000000 and '~%06d:' or '~~%012d:', order.turn) .. order.id
  end
  return order.place == order.id and member or member .. ':' .. order.id
end

-- What most orders do not have, as `<name>:<value>` with commas between.
local function encodeTerms(order)
  local terms = {}
  if order.stop then
    terms[1] = order.stop .. ':' .. format('%d', order.price)
    terms[2] = order.funds and format('funds:%d', order.funds)
  end
  terms[#terms + 1] = order.expires and format('expire:%d', order.expires) or nil
  terms[#terms + 1] = order.turn and format('turn:%d', order.turn) or nil
  terms[#terms + 1] = order.makerRate and format('make:%d', order.makerRate) or nil
  terms[#terms + 1] = order.takerRate and format('take:%d', order.takerRate) or nil
  terms[#terms + 1] = (order.over or 0) > 0 and format('over:%d', order.over) or nil
  terms[#terms + 1] = order.floor and format('floor:%d', order.floor) or nil
  terms[#terms + 1] = (order.hidden or 0) > 0 and format('hidden:%d', order.hidden) or nil
  return table.concat(terms, ',')
end

local function encodeSpecial(order)
  local price, remaining, size = order.price, order.remaining, order.size
  if order.stop then
    price = order.limit
  end
  local unsized = size == math.huge
  return format('%s %s %s %s %s %s %s %s %s %s', order.trader, unsized and '-' or digits(remaining), order.product, order.side,
    price and digits(price) or '-', order.place, unsized and '-' or digits(size), order.stp, order.post, encodeTerms(order))
end

local function encodeOrder(order)
  if order.stop or order.expires or order.turn or order.makerRate or order.takerRate or (order.over or 0) > 0
    or order.floor then
    return encodeSpecial(order)
  end
  return order.trader .. ' ' .. digits(order.remaining) .. ' ' .. order.product .. ' ' .. order.side .. ' '
    .. digits(order.price) .. ' ' .. order.place .. ' ' .. digits(order.size) .. ' ' .. order.stp .. ' ' .. order.post
end

local function decodeSpecial(id, text)
  local trader, left, product, side, limit, place, total, stp, post, terms =
    capture(text, '^(%d+) (%S+) (%S+) (%l+) (%S+) (%d+) (%S+) (%l+) (%S+) (%S+)$')
  local stop, stopPrice = capture(terms, '^(%l+):(%d+)')
  local order = {
    id = id, trader = trader, product = product, side = side, price = tonumber(limit), size = tonumber(total) or math.huge,
    remaining = tonumber(left) or math.huge, place = place, stp = stp, post = post, stored = true,
    funds = tonumber(capture(terms, 'funds:(%d+)')), expires = tonumber(capture(terms, 'expire:(%d+)')),
    turn = tonumber(capture(terms, 'turn:(%d+)')), makerRate = tonumber(capture(terms, 'make:(%d+)')),
    takerRate = tonumber(capture(terms, 'take:(%d+)')), over = tonumber(capture(terms, 'over:(%d+)')),
    floor = tonumber(capture(terms, 'floor:(%d+)')), hidden = tonumber(capture(terms, 'hidden:(%d+)')),
  }
  order.rate = order.makerRate
  if stop == 'loss' or stop == 'entry' then
    order.stop, order.limit, order.price = stop, order.price, tonumber(stopPrice)
    order.rate = max(order.makerRate or 0, order.takerRate or 0)
  end
  return order
end

local function decodeOrder(id, value)
  local trader, remaining, product, side, price, place, size, stp, post =
    capture(value, '^(%d+) (%d+) (%S+) (%l+) (%d+) (%d+) (%d+) (%l+) (%S+)$')
  if not trader then
    return decodeSpecial(id, value)
  end
  -- `+ 0` reads a number at half the cost of `tonumber`.
  return {
    id = id, trader = trader, product = product, side = side, price = price + 0, size = size + 0,
    remaining = remaining + 0, place = place, stp = stp, post = post, stored = true,
  }
end

-- The resting order of that id, or nil.
local function restingOrder(id)
  local order = orders[id]
  if not order then
    local value = redis.call('HGET', ordersKey, id)
    if not value then
      return nil
    end
    order = decodeOrder(id, value)
    orders[id] = order
  end
  return not order.gone and order or nil
end

-- Fetches the next orders of a half, in chunks that grow: most runs need a few, a sweep needs thousands.
local function fetch(half)
  local from, count = half.fetched, half.nextFetch
  local members = redis.call('ZRANGE', half.key, from, from + count - 1)
  half.fetched = from + #members
  half.nextFetch = min(count * 2, largestFetch)
  half.complete = #members < count
  if #members == 0 then
    return
  end
  local ids, values = half.ids, half.values
  local found = {}
  for i, member in ipairs(members) do
    found[i] = capture(member, '[1-9]%d*$')
    ids[from + i] = found[i]
    half.members[from + i] = member
  end
  for i, value in ipairs(redis.call('HMGET', ordersKey, unpack(found))) do
    values[from + i] = value
  end
end

-- The order at a position of what Redis holds, or nil if it was not fetched. Decoded when it is reached, since many never are.
local function storedAt(half, position)
  local id = half.ids[position]
  if not id then
    return nil
  end
  local order = orders[id]
  if not order then
    order = decodeOrder(id, half.values[position])
    order.member = half.members[position]
    orders[id] = order
  end
  return order
end

-- The best live order from a position on; moves the position onto it. Returns nil at the end of the half.
local function peek(half, at)
  local stored = storedAt(half, at.stored)
  -- An order that was moved in this run stands among the fresh ones; its old member is only waiting to be removed.
  while stored == nil and not half.complete or stored and (stored.gone or not stored.stored) do
    if stored then
      at.stored = at.stored + 1
    else
      fetch(half)
    end
    stored = storedAt(half, at.stored)
  end
  local fresh = half.fresh[at.fresh]
  while fresh and fresh.gone do
    at.fresh = at.fresh - 1
    fresh = half.fresh[at.fresh]
  end
  -- At one price, whatever Redis held before this run came first.
  if stored and fresh then
    return (fresh.price - stored.price) * half.sign < 0 and fresh or stored
  end
  return stored or fresh
end

local function best(half)
  return peek(half, half.top)
end

-- Calls visit(order) for the live orders of a half, best first, until it returns true.
local function walk(half, visit)
  local at = { stored = half.top.stored, fresh = half.top.fresh }
  local order = peek(half, at)
  while order and not visit(order) do
    if order.stored then
      at.stored = at.stored + 1
    else
      at.fresh = at.fresh - 1
    end
    order = peek(half, at)
  end
end

local function touch(order)
  if order.block then
    order.block.stale = true
  end
  if not order.touched then
    order.touched = true
    touched[#touched + 1] = order
  end
end

local deepen

-- Lets an order rest, behind every other at its price.
local function rest(half, order)
  local fresh = half.fresh
  while fresh[#fresh] and fresh[#fresh].gone do
    fresh[#fresh] = nil
  end
  local low, high = 1, #fresh + 1
  while low < high do
    local middle = (low + high - (low + high) % 2) / 2 -- a call of `floor` costs more
    if (fresh[middle].price - order.price) * half.sign > 0 then
      low = middle + 1
    else
      high = middle
    end
  end
  table.insert(fresh, low, order)
  half.top.fresh = #fresh
  orders[order.id] = order
  touch(order)
  if half.depth then
    deepen(half, order)
  end
end

local function leave(order)
  order.gone = true
  touch(order)
end
