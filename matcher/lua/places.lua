-- New orders as their lines say, and what speaks against them whatever they cost.

-- Returns the product, nil if there is none, the order, and its time in force.
local function readPlace(id, line)
  local trader, productId, side, price, size, funds, timeInForce, postOnly, stp =
    capture(line, '^place (%d+) (%S+) (%l+) (%S+) (%S+) (%S+) (%u+) (%S+) (%l+) ')
  local product = productOf(productId)
  local lots = size ~= '-' and size + 0 or nil -- `+ 0` costs half as much as `tonumber`
  return product, {
    id = id, trader = trader, product = productId, side = side, price = price ~= '-' and price + 0 or nil,
    size = lots or math.huge, remaining = lots or product and product.maxSize, funds = funds ~= '-' and funds + 0 or nil,
    stp = stp, post = postOnly,
  }, timeInForce
end

-- An order with terms: a stop price, a time at which it expires, how much of it is shown.
local function readSpecial(id, line)
  local trader, productId, side, price, size, funds, timeInForce, postOnly, stp, terms =
    capture(line, '^order (%d+) (%S+) (%l+) (%S+) (%S+) (%S+) (%u+) (%S+) (%l+) (%S+) ')
  local product = productOf(productId)
  local lots, stop, stopPrice = tonumber(size), capture(terms, '^(%l+):(%d+)')
  local order = {
    id = id, trader = trader, product = productId, side = side, price = tonumber(price), size = lots or math.huge,
    remaining = lots or product and product.maxSize, funds = tonumber(funds), stp = stp, post = postOnly,
    expires = tonumber(capture(terms, 'expire:(%d+)')), floor = tonumber(capture(terms, 'floor:(%d+)')),
  }
  if stop == 'loss' or stop == 'entry' then
    order.stop, order.limit, order.price, order.remaining = stop, order.price, tonumber(stopPrice), lots or math.huge
  end
  return product, order, timeInForce
end

-- Why an order is refused that could be paid for, or nil.
local function refusalOf(product, order, timeInForce)
  local isOnline = product and product.status == 'online' -- most are, and need no further look
  return not isOnline and closed(product) or barred(order) or not isOnline and unfit(product, order, timeInForce)
    or product.collar and bindTo(product, order) and 'price_collar'
    or order.post == 'post' and wouldTrade(product, order) and 'post_only' or nil
end
