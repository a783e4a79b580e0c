-- Orders that show a part of what remains of them.
--
-- An iceberg has a `floor`: it shows so much at most. While it comes in or waits, all that remains of it is `remaining`. Once it rests,
-- `remaining` is its tip, and what it does not show is `hidden`. So whatever reads a book need not know of it; what needs to know all
-- that remains of an order asks `leftOf`. Most orders have neither field.

local commandAt -- the sequence of the command at hand, a new place for what it refills
local turn = 0 -- how many stop orders this command has triggered, and tips refilled

local function leftOf(order)
  return order.remaining + (order.hidden or 0)
end

local setLeft, refill

do
  -- Says how much remains of an iceberg that rests. What goes is hidden first; nothing but a new place adds to a tip.
  function setLeft(order, lots)
    order.remaining, order.hidden = min(order.remaining, lots), order.floor and max(lots - order.remaining, 0)
  end

  -- Shows the next tip of an order whose tip is used up, behind the others at its price. The order is a new table then.
  function refill(product, order)
    turn = turn + 1
    leave(order)
    local tip = min(order.floor, order.hidden)
    local moved = {
      id = order.id, trader = order.trader, product = order.product, side = order.side, price = order.price, size = order.size,
      remaining = tip, hidden = order.hidden - tip, floor = order.floor, place = commandAt, turn = turn, stp = order.stp,
      post = order.post, expires = order.expires, makerRate = order.makerRate, takerRate = order.takerRate, rate = order.rate,
      over = order.over,
    }
    rest(ownHalf(product, moved.side), moved)
    product.feed = product.feed + 2
    say('refill ' .. moved.id .. ' ' .. digits(tip) .. ' ' .. digits(moved.hidden) .. '\n')
  end
end

-- What remains of an order as a report says it: what everybody may see, and behind the rest of the line what is hidden.
local function partsOf(order)
  if not order.floor then
    return digits(order.remaining), ''
  end
  local tip = min(order.remaining, order.floor)
  return digits(tip), ' ' .. digits(leftOf(order) - tip)
end
