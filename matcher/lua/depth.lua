-- Checks that look deep into a half without trading: what a market order would pay, whether an order can fill whole.
--
-- One that trades takes away what it looked at. One that is refused leaves it for the next, and a batch may hold a thousand. So
-- once checks of a run have looked at many orders, the best orders of the half are put into blocks, of which a check passes
-- over whole ones by their sums. A depth is a table:
--   blocks    in order, each with its `orders`, best first, and, unless it is `stale`, with their `count`, `lots` and `value`, those
--             of each trader's `own`, the `dearest` and the `worst` price, and whether one of them `hides` something
--   count     orders that it was made of
--   edge      the price of the last of them, times the sign: what comes in behind that is not in the depth
--   complete  it has the whole half

local patience = min(256, floor(runSteps / 4)) -- orders that checks visit in a half before they make a depth
local blockSize = max(2, min(64, floor(runSteps / 50)))
local nothing = { lots = 0, value = 0 } -- a trader's own in a block where none is

local survey

do
  -- Putting an order that was looked at into a block, or adding it up, takes a tenth of the time in which it was fetched and decoded.
  local ordersAStep = 10

  local function newBlock(orders)
    local block = { orders = orders, stale = true }
    for _, order in ipairs(orders) do
      order.block = block
    end
    return block
  end

  local function raise(half, need)
    local depth = { blocks = {}, count = 0, edge = 0, complete = true }
    local orders = {}
    walk(half, function(order)
      if depth.count == need then
        depth.complete = false
        return true
      end
      depth.count = depth.count + 1
      depth.edge = order.price * half.sign
      orders[#orders + 1] = order
      if #orders == blockSize then
        depth.blocks[#depth.blocks + 1] = newBlock(orders)
        orders = {}
      end
    end)
    depth.blocks[#depth.blocks + 1] = newBlock(orders)
    steps = steps + floor(depth.count / ordersAStep)
    half.depth = depth
  end

  -- Puts an order that came to rest behind all that are as good, unless it is behind all that the depth has.
  function deepen(half, order)
    local depth, key = half.depth, order.price * half.sign
    if not depth.complete and key >= depth.edge then
      return
    end
    local blocks = depth.blocks
    local at = #blocks
    while at > 1 and (not blocks[at].orders[1] or blocks[at].orders[1].price * half.sign > key) do
      at = at - 1
    end
    local block, orders = blocks[at], blocks[at].orders
    local place = #orders
    while place > 0 and orders[place].price * half.sign > key do
      place = place - 1
    end
    table.insert(orders, place + 1, order)
    order.block, block.stale = block, true
    if #orders == 2 * blockSize then
      local behind = {}
      for i = blockSize + 1, 2 * blockSize do
        behind[#behind + 1], orders[i] = orders[i], nil
      end
      table.insert(blocks, at + 1, newBlock(behind))
    end
  end

  -- Adds up a block that has changed. Sums of 2^53 and more are not exact, but stay that large.
  local function refresh(block)
    local live, own, lots, value, dearest = {}, {}, 0, 0, 0
    block.hides = false
    for _, order in ipairs(block.orders) do
      if not order.gone then
        live[#live + 1] = order
        local units = order.remaining * order.price
        lots, value, dearest = lots + order.remaining, value + units, max(dearest, order.price)
        block.worst, block.hides = order.price, block.hides or (order.hidden or 0) > 0
        local sums = own[order.trader]
        if sums then
          sums.lots, sums.value = sums.lots + order.remaining, sums.value + units
        else
          own[order.trader] = { lots = order.remaining, value = units }
        end
      end
    end
    steps = steps + floor(#block.orders / ordersAStep)
    block.orders, block.own, block.count, block.stale = live, own, #live, false
    block.lots, block.value, block.dearest = lots, value, dearest
  end

  -- Visits orders as the taker would meet them: what one hides comes behind the others at its price, tip by tip. Visits other than a
  -- taker's own have used up the tip, or they end.
  local function newMeeting(taker, most, visit)
    local meeting = { count = 0, behind = {} }

    local function meet(order)
      meeting.count = meeting.count + 1
      steps = steps + 1
      if visit(order, meeting.count > most) then
        return true
      end
      if (order.hidden or 0) > 0 and (taker.stp == 'none' or order.trader ~= taker.trader) then
        local tip = min(order.floor, order.hidden)
        meeting.behind[#meeting.behind + 1] = {
          trader = order.trader, price = order.price, remaining = tip, hidden = order.hidden - tip, floor = order.floor,
        }
      end
      return false
    end

    -- Meets what is hidden at the price at hand, unless that is `price`. Returns true if a visit ended.
    function meeting.goOnTo(price)
      local behind, at = meeting.behind, 1
      if not behind[1] or behind[1].price == price then
        return false
      end
      while behind[at] do
        if meet(behind[at]) then
          return true
        end
        at = at + 1
      end
      meeting.behind = {}
      return false
    end

    function meeting.meet(order)
      return meeting.goOnTo(order.price) or meet(order)
    end
    return meeting
  end

  -- A block can be passed as a whole if nothing hidden belongs in or behind it.
  local function isPassable(block, meeting, most)
    local behind = meeting.behind[1]
    return block.count > 0 and meeting.count + block.count <= most and block.value <= mostUnits and not block.hides
      and (not behind or behind.price == block.worst)
  end

  -- Visits the orders of a depth as `survey` says. Returns false if it ended before the visits did.
  local function passBlocks(depth, most, meeting, pass)
    for _, block in ipairs(depth.blocks) do
      if block.stale then
        refresh(block)
      end
      steps = steps + 1
      if block.orders[1] and meeting.goOnTo(block.orders[1].price) then
        return true
      end
      if isPassable(block, meeting, most) and pass(block) then
        meeting.count = meeting.count + block.count
      else
        for _, order in ipairs(block.orders) do
          if meeting.meet(order) then
            return true
          end
        end
      end
    end
    if depth.complete then
      meeting.goOnTo(nil)
    end
    return depth.complete
  end

  -- Visits the orders that a taker could meet, best first, until a visit returns true; that of the order after as many as the product
  -- allows must. `newCheck` returns visit(order, beyond) and pass(block): whether a block was taken account of as a whole, because no
  -- visit would end in it.
  function survey(product, taker, newCheck)
    local half, most = oppositeHalf(product, taker.side), product.maxMakers
    local visit, pass = newCheck()
    if half.depth then
      while not passBlocks(half.depth, most, newMeeting(taker, most, visit), pass) do
        raise(half, 2 * half.depth.count)
        visit, pass = newCheck()
      end
      return
    end
    local meeting, isOver = newMeeting(taker, most, visit), false
    walk(half, function(order)
      isOver = meeting.meet(order)
      return isOver
    end)
    if not isOver then
      meeting.goOnTo(nil)
    end
    half.surveyed = half.surveyed + meeting.count
    if half.surveyed > patience then
      raise(half, meeting.count + blockSize)
    end
  end
end
