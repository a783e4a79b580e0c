-- The end of an auction: what its orders trade, at one price, as their product goes online.
--
-- Whom the best orders of both sides meet does not depend on the price. So a first pass pairs off lots and trades nothing: where
-- the two sides stop to cross shows the price, and which side fills whole. The second pass trades. Either may be longer than a run, and the
-- command goes on in the next one. `uncrossing` is what it has come to:
--   phase         pairing; weighing, if the price next to the last bid left and that next to the last ask left are as good otherwise; trading
--   bids, asks    the first pass's cursors
--   bid, ask      the prices of the last pair
--   restBid, restAsk  the best prices that were not paired off, if there are any
--   price, side   in the second pass: the one price, and the side of the takers
--
-- Cursors count from the best order of Redis. So an uncross begins a run: there everything that rests is in Redis, and the first pass writes
-- nothing.
--
-- All but what others call is inside a block, because a script may have 200 local names at a time.

local uncrossing
local isFresh = true -- no command of this run has been applied yet
local uncross, isCrossed, startUncross, encodeUncross, decodeUncross

do
  local pairFetch = 1000
  local pairSteps = 3
  local crossSteps = 2 * tradeSteps -- two orders that rest are taken from the book

  -- Stands at an order of a half: its `rank`, and how many lots are `left` of it, nil if none are paired off.
  local function newCursor(half, rank, left)
    return { half = half, rank = rank, left = left, prices = {}, lots = {}, at = 0, count = 0 }
  end

  local function fetchPairs(cursor)
    local found = redis.call('ZRANGE', cursor.half.key, cursor.rank, cursor.rank + pairFetch - 1, 'WITHSCORES')
    local ids, prices, lots = {}, {}, {}
    for i = 1, #found, 2 do
      ids[#ids + 1] = capture(found[i], '[1-9]%d*$')
      prices[#prices + 1] = tonumber(found[i + 1]) * cursor.half.sign
    end
    if ids[1] then
      for i, value in ipairs(redis.call('HMGET', ordersKey, unpack(ids))) do
        local hidden = string.find(value, 'hidden:', 1, true) and capture(value, 'hidden:(%d+)') or 0
        lots[i] = tonumber(capture(value, '^%d+ (%d+)')) + tonumber(hidden)
      end
    end
    cursor.prices, cursor.lots, cursor.at, cursor.count = prices, lots, 1, #ids
  end

  -- The price of the order at a cursor, nil behind the last one.
  local function priceAt(cursor)
    if cursor.at == 0 or cursor.at > cursor.count and cursor.count == pairFetch then
      fetchPairs(cursor)
    end
    cursor.left = cursor.left or cursor.lots[cursor.at]
    return cursor.prices[cursor.at]
  end

  local function passOver(cursor, lots)
    cursor.left = cursor.left - lots
    if cursor.left == 0 then
      cursor.rank, cursor.at, cursor.left = cursor.rank + 1, cursor.at + 1, nil
    end
  end

  -- Pairs off lots as long as meets(bid, ask). Returns the prices that do not, or false if the run has made its steps.
  local function pairOff(bids, asks, meets)
    while true do
      local bid, ask = priceAt(bids), priceAt(asks)
      if not (bid and ask and meets(bid, ask)) then
        return true, bid, ask
      elseif steps >= runSteps then
        return false
      end
      local lots = min(bids.left, asks.left)
      passOver(bids, lots)
      passOver(asks, lots)
      steps = steps + pairSteps
    end
  end

  -- The next price of a half behind one, nil if there is none.
  local function priceBehind(half, price)
    local found = redis.call('ZRANGEBYSCORE', half.key, format('(%d', price * half.sign), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    return found[2] and tonumber(found[2]) * half.sign
  end

  -- The price from `low` to `high` that is the nearest to the last trade.
  local function startTrading(product, low, high, sideAt)
    local last = product.last or low + floor((high - low) / 2)
    local price = max(low, min(high, last))
    uncrossing = { phase = 'trading', price = price, side = sideAt(price) }
  end

  -- Some prices leave a rest: bids if `longer` is buy, asks if it is sell, and as much of either if it is nil.
  local function startWithRest(product, found, longer)
    local low, high = found.restAsk, found.restBid
    if longer ~= 'sell' then
      low = max(found.ask, (priceBehind(product.bids, found.restBid) or 0) + 1)
    end
    if longer ~= 'buy' then
      high = min(found.bid, (priceBehind(product.asks, found.restAsk) or math.huge) - 1)
    end
    startTrading(product, low, high, function(price)
      return (longer == 'buy' or not longer and price <= found.restBid) and 'sell' or 'buy'
    end)
  end

  -- All prices from the last pair's ask to its bid trade the same lots. Those beyond the prices that are left leave no rest.
  local function choose(product, found)
    local low, high = found.ask, found.bid
    local lowest = found.restBid and max(low, found.restBid + 1) or low
    local highest = found.restAsk and min(high, found.restAsk - 1) or high
    if lowest <= highest then
      return startTrading(product, lowest, highest, function()
        return 'buy'
      end)
    end
    local bidsLeft, asksLeft = found.restBid and found.restBid >= low, found.restAsk and found.restAsk <= high
    if bidsLeft and asksLeft then
      found.phase = 'weighing'
    else
      startWithRest(product, found, bidsLeft and 'buy' or 'sell')
    end
  end

  local function pairAll(product, found)
    local isDone, restBid, restAsk = pairOff(found.bids, found.asks, function(bid, ask)
      if bid < ask then
        return false
      end
      found.bid, found.ask = bid, ask
      return true
    end)
    if isDone then
      found.restBid, found.restAsk = restBid, restAsk
      choose(product, found)
    end
    return isDone
  end

  -- Which of two neighbouring prices leaves the smaller rest, found by pairing off what rests at them.
  local function weigh(product, found)
    local isDone, bid, ask = pairOff(found.bids, found.asks, function(bid, ask)
      return bid == found.restBid and ask == found.restAsk
    end)
    if isDone then
      local longer
      if bid == found.restBid then
        longer = 'sell'
      elseif ask == found.restAsk then
        longer = 'buy'
      end
      startWithRest(product, found, longer)
    end
    return isDone
  end

  -- Moves what a trade at `price` costs an order from its hold, and gives back what it held for a higher price.
  local function settleCross(product, order, price, lots, fee, over)
    local before = cost(product, order, order.price, leftOf(order))
    order.remaining, order.over = order.remaining - lots, over
    local funding, left = product.funding, leftOf(order)
    local unheld = before - (left > 0 and cost(product, order, order.price, left) or 0)
    local paid = lots * funding.baseUnits
    if order.side == 'buy' then
      paid = lots * price * funding.quoteUnits + fee
    end
    return unheld - paid, -unheld
  end

  -- Pays for a trade and charges both sides. Returns how the report says the fees.
  local function payCross(product, taker, maker, price, lots)
    local funding = product.funding
    if not funding then
      taker.remaining, maker.remaining = taker.remaining - lots, maker.remaining - lots
      return ''
    end
    local value = lots * price * funding.quoteUnits
    local makerFee, makerOver = feeOf(value, maker.makerRate or 0, maker.over or 0)
    local takerFee, takerOver = feeOf(value, taker.makerRate or 0, taker.over or 0)
    local buyer, seller, buyerFee, sellerFee, buyerOver, sellerOver = taker, maker, takerFee, makerFee, takerOver, makerOver
    if taker.side == 'sell' then
      buyer, seller, buyerFee, sellerFee, buyerOver, sellerOver = maker, taker, makerFee, takerFee, makerOver, takerOver
    end
    move(funding.quotes[buyer.trader], settleCross(product, buyer, price, lots, buyerFee, buyerOver))
    move(funding.quotes[seller.trader], value, 0)
    move(funding.bases[seller.trader], settleCross(product, seller, price, lots, sellerFee, sellerOver))
    move(funding.bases[buyer.trader], lots * funding.baseUnits, 0)
    move(funding.quotes[seller.trader], -sellerFee, 0)
    move(funding.quotes[allFees], makerFee + takerFee, 0)
    if not (maker.makerRate or taker.makerRate) then
      return ''
    end
    return format(' %d %d %d %d %d %d', makerFee, maker.makerRate or 0, makerOver, takerFee, taker.makerRate or 0, takerOver)
  end

  local function cross(product, taker, maker, price)
    local lots = min(taker.remaining, maker.remaining)
    local fees = payCross(product, taker, maker, price, lots)
    product.tradeId, product.last = product.tradeId + 1, price
    if product.stops > 0 then
      leaveMark(price)
    end
    report(product, 'cross ' .. taker.id .. ' ' .. taker.trader .. ' ' .. format('%d', product.tradeId) .. ' ' .. taker.side .. ' '
      .. maker.id .. ' ' .. maker.trader .. ' ' .. digits(price) .. ' ' .. digits(lots) .. fees .. '\n')
    wear(product, maker)
    wear(product, taker)
  end

  local function tradeAll(product, found)
    local takers, makers, price = ownHalf(product, found.side), oppositeHalf(product, found.side), found.price
    while true do
      local taker, maker = best(takers), best(makers)
      if not (taker and maker and taker.price * takers.sign <= price * takers.sign and maker.price * makers.sign <= price * makers.sign) then
        uncrossing = nil
        return true
      elseif steps >= runSteps then
        return false
      end
      steps = steps + crossSteps
      cross(product, taker, maker, price)
    end
  end

  local phases = { pairing = pairAll, weighing = weigh, trading = tradeAll }

  -- Goes on with the uncross. Returns false if the run has made its steps before it is done.
  function uncross(product)
    while uncrossing do
      if not phases[uncrossing.phase](product, uncrossing) then
        return false
      end
    end
    return true
  end

  function isCrossed(product)
    local bid, ask = best(product.bids), best(product.asks)
    return bid and ask and bid.price >= ask.price
  end

  function startUncross(product)
    reference = product.last or false
    uncrossing = { phase = 'pairing', bids = newCursor(product.bids, 0), asks = newCursor(product.asks, 0) }
  end

  -- What the next run needs of an uncross, as text: words with blanks between.
  function encodeUncross()
    local words = { uncrossing.phase, uncrossing.side or '-' }
    local function add(number)
      words[#words + 1] = number and format('%d', number) or '-'
    end
    for _, name in ipairs({ 'price', 'bid', 'ask', 'restBid', 'restAsk' }) do
      add(uncrossing[name])
    end
    if uncrossing.bids then
      for _, cursor in ipairs({ uncrossing.bids, uncrossing.asks }) do
        add(cursor.rank)
        add(cursor.left)
      end
    end
    return table.concat(words, ' ')
  end

  function decodeUncross(product, text)
    local words = {}
    for word in string.gmatch(text, '%S+') do
      words[#words + 1] = word
    end
    local bidRank, askRank = tonumber(words[8]), tonumber(words[10])
    uncrossing = {
      phase = words[1], side = words[2], price = tonumber(words[3]), bid = tonumber(words[4]), ask = tonumber(words[5]),
      restBid = tonumber(words[6]), restAsk = tonumber(words[7]),
      bids = bidRank and newCursor(product.bids, bidRank, tonumber(words[9])),
      asks = askRank and newCursor(product.asks, askRank, tonumber(words[11])),
    }
  end
end
