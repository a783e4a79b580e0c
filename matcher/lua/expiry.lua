-- Orders that expire. The sorted set of a product's has them by time, and at one time by id.

local function expiriesKey(product)
  return booksKey .. product.id .. ':expiries'
end

local expire

do
  local mostFound = 1000

  -- Calls visit(order) for live orders that expire at `untilTime` or before, as Redis has them.
  local function eachExpired(product, untilTime, visit)
    local from, found = 0, nil
    repeat
      found = redis.call('ZRANGEBYSCORE', expiriesKey(product), '-inf', format('%d', untilTime), 'LIMIT', from, mostFound)
      for _, member in ipairs(found) do
        steps = steps + 1
        local order = restingOrder(capture(member, '[1-9]%d*$'))
        if order and order.stored and order.expires and order.expires <= untilTime and visit(order) then
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

  function expire(sequence, line)
    local productId, untilTime = capture(line, '^time (%S+) (%d+) ')
    local product = productOf(productId)
    if not product then
      return refuse(sequence, 'product_not_found', line)
    end
    accept(sequence, product, line)
    for _, order in ipairs(expired(product, tonumber(untilTime), product.maxMakers)) do
      takeOut(product, order, 'expired')
    end
    return product
  end
end
