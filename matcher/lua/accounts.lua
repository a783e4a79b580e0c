-- The accounts of traders who trade funded products: what is available and what is on hold, in integer units of a currency.
--
-- Orders of a product that is not funded touch no account. Trader 0 is the system: what deposits brought in is missing there,
-- so that all accounts of a currency always sum to zero.

local system = '0'
local allFees = '-1' -- who has what was charged

local accounts = {} -- those of this run: in order, and by currency and trader
local moved = {} -- those that the command at hand has changed, in order

local function accountOf(trader, currency)
  local own = accounts[currency]
  if not own then
    own = { available = currency .. ':available', hold = currency .. ':hold' }
    accounts[currency] = own
  end
  local account = own[trader]
  if not account then
    local values = redis.call('HMGET', accountsKey .. trader, own.available, own.hold)
    account = {
      trader = trader, currency = currency, available = tonumber(values[1] or 0), hold = tonumber(values[2] or 0),
      moved = false, changed = false,
    }
    own[trader] = account
    accounts[#accounts + 1] = account
  end
  return account
end

local function move(account, available, hold)
  if available == 0 and hold == 0 then
    return
  end
  account.available = account.available + available
  account.hold = account.hold + hold
  if not account.moved then
    account.moved, account.changed = true, true
    moved[#moved + 1] = account
  end
end

local function reportAccount(account)
  say('account ' .. account.trader .. ' ' .. account.currency .. ' ' .. digits(account.available) .. ' ' .. digits(account.hold) .. '\n')
end

-- Reports the accounts that a command has changed, after everything else about it.
local function reportAccounts()
  for i, account in ipairs(moved) do
    account.moved = false
    reportAccount(account)
    moved[i] = nil
  end
end

-- The account from which an order pays.
local function payingAccount(product, order)
  local funding = product.funding
  return accountOf(order.trader, order.side == 'buy' and funding.quote or funding.base)
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
  if not product.funding then
    return
  end
  local excess = taker.held - (rests and cost(product, taker, taker.price, taker.remaining) or 0)
  if excess > 0 then
    move(payingAccount(product, taker), excess, -excess)
  end
end

-- A trade pays at once: the buyer's hold to the seller, the seller's to the buyer.
local function pay(product, taker, maker, lots)
  local funding = product.funding
  if not funding then
    return
  end
  local value, base = lots * maker.price * funding.quoteUnits, lots * funding.baseUnits
  local buyer, seller = taker.trader, maker.trader
  if taker.side == 'sell' then
    buyer, seller = seller, buyer
  end
  move(accountOf(buyer, funding.quote), 0, -value)
  move(accountOf(seller, funding.quote), value, 0)
  move(accountOf(seller, funding.base), 0, -base)
  move(accountOf(buyer, funding.base), base, 0)
  taker.held = taker.held - (taker.side == 'buy' and value or base)
end

-- Charges both sides for a trade that was paid. Returns how the report says it, which is nothing if neither has a rate.
local function charge(product, taker, maker, lots)
  if not (maker.makerRate or taker.takerRate) then
    return ''
  end
  local funding = product.funding
  local value = lots * maker.price * funding.quoteUnits
  local makerFee, makerOver = feeOf(value, maker.makerRate or 0, maker.over or 0)
  local takerFee, takerOver = feeOf(value, taker.takerRate or 0, taker.over or 0)
  maker.over, taker.over = makerOver, takerOver
  local makerHeld, takerHeld = maker.side == 'buy' and makerFee or 0, taker.side == 'buy' and takerFee or 0
  taker.held = taker.held - takerHeld
  move(accountOf(maker.trader, funding.quote), makerHeld - makerFee, -makerHeld)
  move(accountOf(allFees, funding.quote), makerFee, 0)
  move(accountOf(taker.trader, funding.quote), takerHeld - takerFee, -takerHeld)
  move(accountOf(allFees, funding.quote), takerFee, 0)
  return format(' %d %d %d %d %d %d', makerFee, maker.makerRate or 0, makerOver, takerFee, taker.takerRate or 0, takerOver)
end
