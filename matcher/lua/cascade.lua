-- What a command sets off: the stop orders that its trades met, and those that theirs meet.

-- An order that comes in costs 10 to 25 us besides its makers. Behind thousands at its price that this run let rest, it costs 10 ns for each.
local activateSteps = 40 -- so that a run lets 250 come in

-- Lets a stop order come in, from now on an order like any other.
local function activate(sequence, product, waiting)
  turn = turn + 1
  local unsized = waiting.size == math.huge
  local taker = {
    id = waiting.id, trader = waiting.trader, product = waiting.product, side = waiting.side, price = waiting.limit,
    size = waiting.size, remaining = unsized and product.maxSize or waiting.remaining, funds = waiting.funds,
    stp = waiting.stp, post = waiting.post, expires = waiting.expires, turn = turn, held = heldBy(product, waiting),
    makerRate = waiting.makerRate, takerRate = waiting.takerRate, floor = waiting.floor,
  }
  steps = steps + activateSteps
  report(product, 'activate ' .. taker.id .. ' ' .. taker.trader .. ' ' .. taker.side .. ' ' .. textOf(taker.price) .. ' '
    .. textOf(taker.size) .. ' ' .. textOf(taker.funds) .. ' ' .. waiting.stop .. ' ' .. digits(waiting.price)
    .. (taker.floor and ' ' .. digits(taker.floor) or '') .. '\n')
  takeWithinFunds(product, taker)
  if product.collar then
    bindTo(product, taker)
  end
  settle(product, taker, sequence, take(product, taker))
end

-- Returns whether all that this command triggers is done; if not, the run has made its steps.
local function cascade(sequence, product)
  while mark <= #marks do
    local waiting = best(stopsHalf(product, marks[mark].stop))
    if not waiting or not isMet(waiting.stop, waiting.price, marks[mark].price) then
      mark = mark + 1
    elseif steps >= runSteps then
      return false
    else
      leave(waiting)
      countStops(product, -1)
      activate(sequence, product, waiting)
    end
  end
  marks, mark, lowest, highest, turn, reference = {}, 1, nil, nil, 0, nil
  return true
end

-- A command that is longer than a run. What it has reported so far is kept in parts, one a run, since a report is one whole; and for each
-- part the accounts that were changed first there, which are reported in the end.
local keptParts = 0 -- of the command at hand: parts that earlier runs kept
local goOn, keepCascade, resumeCascade, finishedText

do
  local toldParts = 0 -- those whose accounts are reported
  local finishedParts = 0 -- of the command that this run ended

  -- The accounts that this run has changed first.
  local function newlyMoved()
    if keptParts == 0 then
      return moved
    end
    local accounts = {}
    for _, account in ipairs(moved) do
      if not redis.call('HGET', cascadeKey, 'account ' .. account.trader .. ':' .. account.currency) then
        accounts[#accounts + 1] = account
      end
    end
    return accounts
  end

  local function reportAllAccounts()
    while toldParts < keptParts do
      local names = redis.call('HGET', cascadeKey, format('moved:%d', toldParts + 1))
      if names ~= '' and steps >= runSteps then
        return false
      end
      toldParts = toldParts + 1
      for trader, currency in string.gmatch(names, '(%-?%d+):(%w+)') do
        say(lineOf(accountsIn(currency)[trader]))
        steps = steps + 1
      end
    end
    for _, account in ipairs(moved) do
      account.moved = false
    end
    moved = newlyMoved()
    reportAccounts()
    return true
  end

  -- Goes on with what a command has begun. Returns whether all of it is done; if not, the run has made its steps.
  function goOn(sequence, product)
    return expiry.goOn(product) and uncross(product) and cascade(sequence, product) and reportAllAccounts()
  end

  -- What a command leaves to the next run.
  function keepCascade(product, from)
    local part = keptParts + 1
    local names, noted = {}, {}
    for i, account in ipairs(newlyMoved()) do
      names[i] = account.trader .. ':' .. account.currency
      noted[2 * i - 1], noted[2 * i] = 'account ' .. names[i], ''
    end
    redis.call('HSET', cascadeKey, 'product', product.id, 'uncross', uncrossing and encodeUncross() or '',
      'expire', expiry.left and expiry.encode() or '',
      'marks', encodeMarks(marks, mark, ' '), 'lowest', lowest and format('%d', lowest) or '', 'highest', highest and format('%d', highest) or '',
      'turn', format('%d', turn), 'parts', format('%d', part), 'told', format('%d', toldParts),
      'reference', reference and format('%d', reference) or '-',
      format('moved:%d', part), table.concat(names, ' '), format('reports:%d', part), reportText(from, said))
    callWith('HSET', cascadeKey, noted)
  end

  -- An earlier version, of which a matcher may still be at work, keeps all in one part.
  local function resumeUndivided()
    keptParts, toldParts = 1, 1
    for trader, currency in string.gmatch(redis.call('HGET', cascadeKey, 'moved'), '(%-?%d+):(%w+)') do
      local account = accountsIn(currency)[trader]
      account.moved = true
      moved[#moved + 1], changed[#changed + 1] = account, account
    end
  end

  function resumeCascade(sequence)
    local kept = redis.call('HMGET', cascadeKey, 'product', 'marks', 'lowest', 'highest', 'turn', 'uncross', 'parts', 'told', 'reference',
      'expire')
    local product = productOf(kept[1])
    commandAt, marks = sequence, decodeMarks(kept[2])
    lowest, highest, turn = tonumber(kept[3]), tonumber(kept[4]), tonumber(kept[5])
    if kept[6] and kept[6] ~= '' then
      decodeUncross(product, kept[6])
    end
    reference = tonumber(kept[9] or '-') or false
    expiry.decode(kept[10] or '')
    keptParts, toldParts = tonumber(kept[7]), tonumber(kept[8])
    if not keptParts then
      resumeUndivided()
    end
    isFresh = false
    local isDone = goOn(sequence, product)
    if isDone then
      finishedParts, keptParts, toldParts = keptParts, 0, 0
    end
    return isDone, product
  end

  -- What earlier runs kept of the report of the command that this run ended.
  function finishedText()
    local parts = {}
    for part = 1, finishedParts do
      parts[part] = redis.call('HGET', cascadeKey, format('reports:%d', part)) or redis.call('HGET', cascadeKey, 'reports')
    end
    return table.concat(parts)
  end
end
