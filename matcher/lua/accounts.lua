-- The accounts of traders who trade funded products: what is available and what is on hold, in integer units of a currency.
--
-- Orders of a product that is not funded touch no account. Trader 0 is the system: what deposits brought in is missing there,
-- so that all accounts of a currency always sum to zero.

local system = '0'
local allFees = '-1' -- who has what was charged

-- An account is a table: trader and currency, the key of its hash, available and hold, their texts, which are false while nobody knows
-- them, and
--   moved  the command at hand has changed it; false if only another of this run has, nil if none has

local changed = {} -- those that this run has changed, in order
local moved = {} -- those that the command at hand has changed, in order
local fieldsOf = {} -- by currency, how the hash of a trader calls both amounts

do
  local accounts = {} -- by currency

  -- Returns the accounts of a currency by trader, each of which is read when it is first asked for.
  function accountsIn(currency)
    local own = accounts[currency]
    if own then
      return own
    end
    local fields = { available = currency .. ':available', hold = currency .. ':hold' }
    own = setmetatable({}, {
      __index = function(known, trader)
        local key = accountsKey .. trader
        local amounts = redis.call('HMGET', key, fields.available, fields.hold)
        local available, hold = amounts[1] or '0', amounts[2] or '0'
        local account = {
          trader = trader, currency = currency, key = key, available = available + 0, hold = hold + 0,
          availableText = available, holdText = hold,
        }
        known[trader] = account
        return account
      end,
    })
    accounts[currency], fieldsOf[currency] = own, fields
    return own
  end
end

local function move(account, available, hold)
  if available ~= 0 then
    account.available, account.availableText = account.available + available, false
  end
  if hold ~= 0 then
    account.hold, account.holdText = account.hold + hold, false
  end
  if account.moved or available == 0 and hold == 0 then
    return
  end
  if account.moved == nil then
    changed[#changed + 1] = account
  end
  account.moved = true
  moved[#moved + 1] = account
end

-- An amount that did not change since it was read or told keeps its text. Holds come again, what is available hardly does.
local function lineOf(account)
  local available, hold = account.availableText, account.holdText
  if not available then
    available = format('%d', account.available)
    account.availableText = available
  end
  if not hold then
    hold = digits(account.hold)
    account.holdText = hold
  end
  return 'account ' .. account.trader .. ' ' .. account.currency .. ' ' .. available .. ' ' .. hold .. '\n'
end

-- Reports the accounts that a command has changed, after everything else about it.
local function reportAccounts()
  for i = 1, #moved do
    local account = moved[i]
    account.moved, moved[i] = false, nil
    said = said + 1
    pieces[said] = lineOf(account)
  end
end

-- The account from which an order pays.
local function payingAccount(product, order)
  local funding = product.funding
  return (order.side == 'buy' and funding.quotes or funding.bases)[order.trader]
end

-- What lots may cost an order at a price, in units of the currency that it pays with.
local function cost(product, order, price, lots)
  local funding = product.funding
  if order.side == 'sell' then
    return lots * funding.baseUnits
  end
  local value = lots * price * funding.quoteUnits
  return order.rate and value + feeOf(value, order.rate, order.over or 0) or value
end

-- Gives back what `lots` of a resting order held, which is exactly what they might still have cost.
local function release(product, order, lots)
  if product.funding and lots > 0 then
    local left = leftOf(order)
    local units = cost(product, order, order.price, left)
    if lots < left then
      units = units - cost(product, order, order.price, left - lots)
    end
    move(payingAccount(product, order), units, -units)
  end
end

-- Moves what a taker may have to pay from available to hold; an order that is amended brings what it held already.
-- Returns false, and changes nothing, if that is too little.
local function reserve(product, taker, units, brought)
  local account = payingAccount(product, taker)
  if account.available + brought < units then
    return false
  end
  taker.held = units
  move(account, brought - units, units - brought)
  return true
end

-- The taker has traded: what it holds beyond what it may still have to pay is available again.
local function giveBack(product, taker, rests)
  local excess = taker.held - (rests and cost(product, taker, taker.price, taker.remaining) or 0)
  if excess > 0 then
    move(payingAccount(product, taker), excess, -excess)
  end
end

-- A trade pays at once: the buyer's hold to the seller, the seller's to the buyer.
local function pay(product, taker, maker, lots)
  local funding = product.funding
  local value, base = lots * maker.price * funding.quoteUnits, lots * funding.baseUnits
  local buyer, seller = taker.trader, maker.trader
  if taker.side == 'sell' then
    buyer, seller = seller, buyer
  end
  move(funding.quotes[buyer], 0, -value)
  move(funding.quotes[seller], value, 0)
  move(funding.bases[seller], 0, -base)
  move(funding.bases[buyer], base, 0)
  taker.held = taker.held - (taker.side == 'buy' and value or base)
end

-- Charges both sides for a trade that was paid, if either has a rate. Returns how the report says it.
local function charge(product, taker, maker, lots)
  local funding = product.funding
  local value = lots * maker.price * funding.quoteUnits
  local makerFee, makerOver = feeOf(value, maker.makerRate or 0, maker.over or 0)
  local takerFee, takerOver = feeOf(value, taker.takerRate or 0, taker.over or 0)
  maker.over, taker.over = makerOver, takerOver
  local makerHeld, takerHeld = maker.side == 'buy' and makerFee or 0, taker.side == 'buy' and takerFee or 0
  taker.held = taker.held - takerHeld
  move(funding.quotes[maker.trader], makerHeld - makerFee, -makerHeld)
  move(funding.quotes[allFees], makerFee, 0)
  move(funding.quotes[taker.trader], takerHeld - takerFee, -takerHeld)
  move(funding.quotes[allFees], takerFee, 0)
  return format(' %d %d %d %d %d %d', makerFee, maker.makerRate or 0, makerOver, takerFee, taker.takerRate or 0, takerOver)
end
