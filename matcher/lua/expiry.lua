-- Orders that expire. The sorted set of a product's has them by time, and at one time by id.

-- `left` is what a `time` command has to do yet: `untilTime`, and how many orders at `most`.
local expiry = {}

function expiry.keyOf(product)
  return booksKey .. product.id .. ':expiries'
end

do
  local expireSteps = 12 -- an order costs 20 to 25 us to take out
  local mostFound = 1000

  -- The orders that these members name, as far as this run has not met them, in one call.
  local function fetchOrders(ids)
    local unmet = {}
    for _, id in ipairs(ids) do
      if not orders[id] then
        unmet[#unmet + 1] = id
      end
    end
    if unmet[1] then
      for i, value in ipairs(redis.call('HMGET', ordersKey, unpack(unmet))) do
        orders[unmet[i]] = value and decodeOrder(unmet[i], value) or nil
      end
    end
  end

  -- Calls visit(order) for live orders that expire at `untilTime` or before, as Redis has them.
  local function eachExpired(product, untilTime, visit)
    local from, found = 0, nil
    repeat
      found = redis.call('ZRANGEBYSCORE', expiry.keyOf(product), '-inf', format('%d', untilTime), 'LIMIT', from, mostFound)
      local ids = {}
      for i, member in ipairs(found) do
        ids[i] = capture(member, '[1-9]%d*$')
      end
      fetchOrders(ids)
      for _, id in ipairs(ids) do
        steps = steps + 1
        local order = orders[id]
        if order and not order.gone and order.stored and order.expires and order.expires <= untilTime and visit(order) then
          return
        end
      end
      from = from + mostFound
    until #found < mostFound
  end

  -- The first `most` orders that expire at `untilTime` or before: those of Redis and those that this run has changed.
  local function expired(product, untilTime, most)
    local orders = {}
    local changed = {}
    for _, order in ipairs(touched) do
      if not order.gone and order.product == product.id and order.expires and order.expires <= untilTime then
        orders[#orders + 1] = order
        changed[order.id] = true
      end
    end
    local count = 0
    eachExpired(product, untilTime, function(order)
      if not changed[order.id] then
        orders[#orders + 1] = order
        count = count + 1
      end
      return count == most
    end)
    table.sort(orders, function(one, other)
      if one.expires ~= other.expires then
        return one.expires < other.expires
      end
      return tonumber(one.id) < tonumber(other.id)
    end)
    for i = #orders, most + 1, -1 do
      orders[i] = nil
    end
    return orders
  end

  -- Goes on with it. Returns false if the run has made its steps before it is done. What it took out before is not found again.
  function expiry.goOn(product)
    local left = expiry.left
    while left do
      if steps >= runSteps then
        return false
      end
      local most = min(left.most, math.ceil((runSteps - steps) / expireSteps))
      local found = expired(product, left.untilTime, most)
      for _, order in ipairs(found) do
        steps = steps + expireSteps
        takeOut(product, order, 'expired')
      end
      left.most = left.most - #found
      if #found < most or left.most == 0 then
        left, expiry.left = nil, nil
      end
    end
    return true
  end

  function expiry.begin(sequence, line)
    local productId, untilTime = capture(line, '^time (%S+) (%d+) ')
    local product = productOf(productId)
    if not product then
      return refuse(sequence, 'product_not_found', line)
    end
    accept(sequence, product, line)
    expiry.left = { untilTime = tonumber(untilTime), most = product.maxMakers }
    return product
  end

  function expiry.encode()
    local most = expiry.left.most
    return format('%d %s', expiry.left.untilTime, most < math.huge and digits(most) or '-')
  end

  function expiry.decode(text)
    local untilTime, most = capture(text, '^(%d+) (%S+)$')
    expiry.left = untilTime and { untilTime = tonumber(untilTime), most = tonumber(most) or math.huge }
  end
end
