-- Traders who may cancel only. Commands say who they are.

local refrozen = {} -- what commands of this run say, to write at the end
local barred, freeze, unfreeze

do
  local frozen, anyFrozen = {}, nil -- by trader (text) as far as this run knows, and whether Redis has any

  -- Mostly nobody is frozen, and one look serves all commands of a run.
  local function isFrozen(trader)
    if frozen[trader] == nil then
      if anyFrozen == nil then
        anyFrozen = redis.call('EXISTS', frozenKey) == 1
      end
      frozen[trader] = anyFrozen and redis.call('SISMEMBER', frozenKey, trader) == 1
    end
    return frozen[trader]
  end

  function barred(order)
    return isFrozen(order.trader) and 'trader_frozen'
  end

  local function setFrozen(sequence, line, trader, isNow)
    frozen[trader], refrozen[trader] = isNow, isNow
    acceptOffBook(sequence, line)
  end

  function freeze(sequence, line)
    local trader = capture(line, '^freeze (%d+) ')
    setFrozen(sequence, line, trader, true)
  end

  function unfreeze(sequence, line)
    local trader = capture(line, '^unfreeze (%d+) ')
    setFrozen(sequence, line, trader, false)
  end
end
