-- Writing what a run has decided: one variadic command for each kind of change.

local function writeOrders()
  local left, resting = {}, {}
  for _, order in ipairs(touched) do
    local half = ownHalf(products[order.product], order.side)
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
    for _, half in ipairs({ product.bids, product.asks }) do
      callWith('ZREM', half.key, half.removed)
      callWith('ZADD', half.key, half.added)
    end
    state[#state + 1] = 'tradeId:' .. product.id
    state[#state + 1] = format('%d', product.tradeId)
    state[#state + 1] = 'feed:' .. product.id
    state[#state + 1] = format('%d', product.feed)
    if product.row then
      redis.call('HSET', productsKey, product.id, product.row)
    end
  end
  callWith('HSET', stateKey, state)
end

local function writeAccounts()
  for _, account in ipairs(accounts) do
    if account.changed then
      redis.call('HSET', accountsKey .. account.trader, account.currency .. ':available', format('%d', account.available),
        account.currency .. ':hold', format('%d', account.hold))
    end
  end
end

local function write(first, last)
  redis.call('XADD', eventsKey, format('0-%d', last), 'first', format('%d', first), 'reports', reportText())
  writeOrders()
  writeAccounts()
  writeProducts(last)
end
