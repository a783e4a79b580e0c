-- What a command sets off: the stop orders that its trades met, and those that theirs meet.

-- An order that comes in costs 10 to 25 us besides its makers. Behind thousands at its price that this run let rest, it costs 10 ns for each.
local activateSteps = 20 -- so that a run lets 500 come in

-- Lets a stop order come in, from now on an order like any other.
local function activate(sequence, product, waiting)
  turn = turn + 1
  local unsized = waiting.size == math.huge
  local taker = {
    id = waiting.id, trader = waiting.trader, product = waiting.product, side = waiting.side, price = waiting.limit,
    size = waiting.size, remaining = unsized and product.maxSize or waiting.remaining, funds = waiting.funds,
    stp = waiting.stp, post = waiting.post, expires = waiting.expires, turn = turn, held = heldBy(product, waiting),
    makerRate = waiting.makerRate, takerRate = waiting.takerRate,
  }
  steps = steps + activateSteps
  report(product, 'activate ' .. taker.id .. ' ' .. taker.trader .. ' ' .. taker.side .. ' ' .. textOf(taker.price) .. ' '
    .. textOf(taker.size) .. ' ' .. textOf(taker.funds) .. ' ' .. waiting.stop .. ' ' .. digits(waiting.price) .. '\n')
  takeWithinFunds(product, taker)
  bindTo(product, taker)
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

-- The rest of a cascade, for the next run. What the command has reported so far comes with it, since a report is one whole.
local function keepCascade(product, from)
  local names = {}
  for i, account in ipairs(moved) do
    names[i] = account.trader .. ':' .. account.currency
  end
  redis.call('HSET', cascadeKey, 'product', product.id, 'marks', encodeMarks(marks, mark, ' '), 'lowest', format('%d', lowest),
    'highest', format('%d', highest), 'turn', format('%d', turn), 'moved', table.concat(names, ' '),
    'reports', reportText(from, said), 'reference', reference and format('%d', reference) or '-')
end

local function resumeCascade(sequence)
  local kept = redis.call('HMGET', cascadeKey, 'product', 'marks', 'lowest', 'highest', 'turn', 'moved', 'reports', 'reference')
  marks = decodeMarks(kept[2])
  lowest, highest, turn = tonumber(kept[3]), tonumber(kept[4]), tonumber(kept[5])
  reference = tonumber(kept[8] or '-') or false
  for trader, currency in string.gmatch(kept[6], '(%-?%d+):(%w+)') do
    local account = accountOf(trader, currency)
    account.moved, account.changed = true, true
    moved[#moved + 1] = account
  end
  say(kept[7])
  local product = productOf(kept[1])
  return cascade(sequence, product), product
end
