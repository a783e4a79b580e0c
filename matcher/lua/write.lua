-- Writing what a run has decided: one variadic command for each kind of change.

local write

do
  -- Orders that expire, by product: when, or that they do no longer. An order that only moved is set again by its newest table.
  local function noteExpiry(order)
    local product = products[order.product]
    product.expiries = product.expiries or {}
    local newest = orders[order.id]
    if not order.gone then
      product.expiries[order.id] = order.expires
    elseif newest == order or newest.gone then
      product.expiries[order.id] = false
    end
  end

  local function writeExpiries(product)
    local key, added, removed = expiry.keyOf(product), {}, {}
    for id, expires in pairs(product.expiries) do
      local member = string.sub('0000000000000000', #id + 1) .. id
      if expires then
        added[#added + 1] = digits(expires)
        added[#added + 1] = member
      else
        removed[#removed + 1] = member
      end
    end
    callWith('ZREM', key, removed)
    callWith('ZADD', key, added)
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[2] then
      redis.call('ZADD', expiringKey, first[2], product.id)
    else
      redis.call('ZREM', expiringKey, product.id)
    end
  end

  local function writeOrders()
    local left, resting = {}, {}
    for i = 1, #touched do
      local order = touched[i]
      local product = products[order.product]
      local half = order.stop and stopsHalf(product, order.stop) or ownHalf(product, order.side)
      if order.expires then
        noteExpiry(order)
      end
      if not order.gone then
        resting[#resting + 1] = order.id
        resting[#resting + 1] = encodeOrder(order)
        if not order.stored then
          half.added[#half.added + 1] = digits(order.price * half.sign)
          half.added[#half.added + 1] = memberOf(order)
        end
      elseif order.stored then
        half.removed[#half.removed + 1] = memberOf(order)
        left[#left + 1] = order.id -- if it only moved, it is set again below
      end
    end
    callWith('HDEL', ordersKey, left)
    callWith('HSET', ordersKey, resting)
  end

  local function writeProducts(last)
    local state = { 'matched', format('%d', last) }
    for _, product in ipairs(products) do
      for _, half in ipairs({ product.bids, product.asks, product.losses or product.entries, product.losses and product.entries }) do
        callWith('ZREM', half.key, half.removed)
        callWith('ZADD', half.key, half.added)
      end
      if product.expiries then
        writeExpiries(product)
      end
      state[#state + 1] = 'tradeId:' .. product.id
      state[#state + 1] = format('%d', product.tradeId)
      state[#state + 1] = 'feed:' .. product.id
      state[#state + 1] = format('%d', product.feed)
      if product.last then
        state[#state + 1] = 'last:' .. product.id
        state[#state + 1] = format('%d', product.last)
      end
      if product.stopsCounted then
        state[#state + 1] = 'stops:' .. product.id
        state[#state + 1] = format('%d', product.stops)
      end
      if product.row then
        redis.call('HSET', productsKey, product.id, product.row)
      end
    end
    callWith('HSET', stateKey, state)
  end

  local function writeAccounts()
    for i = 1, #changed do
      local account = changed[i]
      local fields = fieldsOf[account.currency]
      redis.call('HSET', account.key, fields.available, account.availableText or digits(account.available),
        fields.hold, account.holdText or digits(account.hold))
    end
  end

  local function writeFrozen()
    local added, removed = {}, {}
    for trader, isFrozen in pairs(refrozen) do
      local list = isFrozen and added or removed
      list[#list + 1] = trader
    end
    callWith('SADD', frozenKey, added)
    callWith('SREM', frozenKey, removed)
  end

  local function writeCascade(wasCascading)
    if wasCascading and keptParts == 0 then
      redis.call('DEL', cascadeKey)
    end
    if cascading then
      keepCascade(cascading, cascadingFrom)
      redis.call('HSET', stateKey, 'cascade', 1)
    elseif wasCascading then
      redis.call('HDEL', stateKey, 'cascade')
    end
  end

  -- An unfinished batch stands with the state, which every run reads anyway.
  local function writeBatch(last, wasUnderWay)
    if batch and last >= batch.head and last < batch.last then
      redis.call('HSET', stateKey, 'batch', encodeBatch())
    elseif wasUnderWay then
      redis.call('HDEL', stateKey, 'batch')
    end
  end

  function write(first, last, wasCascading, wasInBatch)
    if last >= first then
      local text = finishedText() .. reportText(1, cascading and cascadingFrom - 1 or said)
      redis.call('XADD', eventsKey, format('0-%d', last), 'first', format('%d', first), 'reports', text)
    end
    writeOrders()
    writeAccounts()
    writeFrozen()
    writeProducts(last)
    writeCascade(wasCascading)
    writeBatch(last, wasInBatch)
  end
end
