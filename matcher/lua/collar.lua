-- The collar of a product: how far from its last trade orders may trade, which guards against a price that is typed wrong and against
-- a market order that finds the book empty. A product without one costs an order a look at a field.

-- The last trade before the command at hand, which its bounds are made from, whatever it trades: false if there was none, nil as
-- long as nobody asked.
local reference

-- How many ticks the collar leaves on either side of a price. Their product may be beyond 2^53; that of a rest below a million is not.
local function widthOf(price, collar)
  local rest = price % million
  return (price - rest) / million * collar + floor(rest * collar / million)
end

-- The worst price at which a side may trade, nil if any will do.
local function boundOf(product, side)
  if reference == nil then
    reference = product.last or false
  end
  if not reference then
    return nil
  end
  local width = widthOf(reference, product.collar)
  return side == 'buy' and reference + width or reference - width
end

-- An order that comes in trades within the collar, which its product has. If its price allows more, or it has none, it gets a
-- `bound`. Returns whether its price does.
local function bindTo(product, taker)
  local bound = boundOf(product, taker.side)
  if not bound then
    return false
  end
  local price = taker.price
  local isBeyond = price and (taker.side == 'buy' and price > bound or taker.side == 'sell' and price < bound)
  if isBeyond or not price then
    taker.bound = bound
  end
  return isBeyond
end
