-- All-or-none batches: the orders behind a `batch` command come in all together, or none does.
--
-- They are judged by the books and accounts as they are at the `batch` command, so that nothing has to be undone. What is found is
-- kept for the runs in which they come in. A run that goes on with a refused batch judges it again, since that changes nothing.
--
-- A batch is a table:
--   head, last  the sequences of its command and of its last order
--   isRefused   and `reasons`, by sequence, why those are refused that something is wrong with
--   lastOf      by product, the sequence of its last order, as far as this run needs it
--   marks       by product, what its trades left for stop orders, which wait for its last order there
--   before      by product, the last trade before its orders, which collars go by for all of it, or false

local batch -- the last one that this run met
local lacking -- the first sequence that a batch needs and the stream does not have
local beginBatch, judged, takeUpMarks, putMarksBy, encodeBatch, resumeBatch

do
  -- The lines of the commands from `first` to `last`, or nil if the stream does not have all of them.
  local function linesBetween(first, last)
    local lines, next = {}, first
    local entries = redis.call('XREVRANGE', commandsKey, format('0-%d', first), '-', 'COUNT', 1)
    while entries[1] and next <= last do
      local id, text = entries[1][1], entries[1][2][2]
      local at = tonumber(capture(id, '^0%-(%d+)$'))
      if at > next then
        break
      end
      for line in string.gmatch(text, '[^\n]+') do
        if at == next and at <= last then
          lines[#lines + 1] = line .. '\n'
          next = next + 1
        end
        at = at + 1
      end
      entries = redis.call('XRANGE', commandsKey, '(' .. id, '+', 'COUNT', 1)
    end
    if next <= last then
      lacking = next
      return nil
    end
    return lines
  end

  -- A limit order of a batch as it comes in, and its product; nil if the line is no such order.
  local function readOfBatch(id, line)
    local verb = capture(line, '^%l+')
    local read = verb == 'place' and readPlace or verb == 'order' and readSpecial
    if not read then
      return nil
    end
    local product, order, timeInForce = read(id, line)
    if order.stop or not order.price or timeInForce == 'FOK' then
      return nil
    end
    if product then
      giveRates(product, order, order.price, timeInForce)
    end
    order.mayRest = timeInForce ~= 'IOC'
    return order, product
  end

  -- What the orders judged so far that are not refused would do: what they may cost, by account, and the best price at which one may
  -- rest, by product and side.
  local function newEffects()
    local spent, prices = {}, {}
    local function meets(order, product)
      local price = prices[product.id .. (order.side == 'buy' and ' sell' or ' buy')]
      return price and crosses(order, price)
    end
    local function covers(order, product)
      if not product.funding then
        return true
      end
      local account, units = payingAccount(product, order), cost(product, order, order.price, order.remaining)
      local before = spent[account] or 0
      if account.available - before < units then
        return false
      end
      spent[account] = before + units
      return true
    end
    local function add(order, product)
      local name = product.id .. ' ' .. order.side
      if order.mayRest then
        prices[name] = (order.side == 'buy' and max or min)(prices[name] or order.price, order.price)
      end
    end
    return meets, covers, add
  end

  -- A `time` command stands for an order that was lost, see docs/rules.md.
  local function judge(lines, head)
    local meets, covers, add = newEffects()
    batch.reasons = {}
    for i, line in ipairs(lines) do
      local isLost = capture(line, '^time ')
      local order, product = readOfBatch(format('%d', head + i), line)
      if not order then
        batch.isRefused = batch.isRefused or not isLost
      else
        reference = nil
        local reason = refusalOf(product, order, order.mayRest and 'GTC' or 'IOC')
          or order.post == 'post' and meets(order, product) and 'post_only'
          or not covers(order, product) and 'insufficient_funds'
        if reason then
          batch.isRefused, batch.reasons[head + i] = true, reason
        else
          add(order, product)
        end
      end
    end
  end

  local function noteLast(lines, first)
    batch.lastOf = {}
    for i, line in ipairs(lines) do
      local productId = capture(line, '^time (%S+)') or capture(line, '^%l+ %d+ (%S+)')
      if productId then
        batch.lastOf[productId] = first + i - 1
      end
    end
  end

  -- Returns nil and true if the stream does not have its orders yet.
  function beginBatch(sequence, line)
    local head = tonumber(sequence)
    local count = capture(line, '^batch (%d+) ')
    local last = head + tonumber(count)
    local lines = linesBetween(head + 1, last)
    if not lines then
      return nil, true
    end
    batch = { head = head, last = last, isRefused = false, marks = {}, before = {} }
    judge(lines, head)
    steps = steps + #lines
    if batch.isRefused then
      refuse(sequence, 'all_or_none', line)
    else
      noteLast(lines, head + 1)
      acceptOffBook(sequence, line)
    end
  end

  -- Why an order of a batch is refused, or false; nil if the command is of none.
  function judged(sequence)
    local number = batch and tonumber(sequence)
    if not number or number > batch.last then
      return nil
    end
    return batch.isRefused and (batch.reasons[number] or 'all_or_none')
  end

  -- An order of a batch trades as if all of them in its product were one.
  function takeUpMarks(product)
    if batch.before[product.id] == nil then
      batch.before[product.id] = product.last or false
    end
    reference = batch.before[product.id]
    local kept = batch.marks[product.id]
    if kept then
      marks, lowest, highest = kept.marks, kept.lowest, kept.highest
      batch.marks[product.id] = nil
    end
  end

  -- Puts by what a command's trades have left, if the stop orders of the product wait for a later order of the batch.
  function putMarksBy(sequence, product)
    local last = batch and not batch.isRefused and product and batch.lastOf[product.id]
    if last and last > tonumber(sequence) then
      batch.marks[product.id] = { marks = marks, lowest = lowest, highest = highest }
      marks, lowest, highest = {}, nil, nil
    end
  end

  -- What a run leaves of a batch to the next: `<head> <last> <placed or refused>`, and for each product that it has reached
  -- ` <product>=<before, or ->,<marks>`.
  function encodeBatch()
    local words = { format('%d %d %s', batch.head, batch.last, batch.isRefused and 'refused' or 'placed') }
    for productId, price in pairs(batch.before) do
      local kept = batch.marks[productId]
      words[#words + 1] = productId .. '=' .. (price and digits(price) or '-') .. ',' .. (kept and encodeMarks(kept.marks, 1, ',') or '')
    end
    return table.concat(words, ' ')
  end

  -- Goes on with a batch of which the sequences before `next` are matched. Returns false if the stream lacks what it must have.
  function resumeBatch(text, next)
    local head, last, outcome, rest = capture(text, '^(%d+) (%d+) (%l+)(.*)$')
    batch = { head = tonumber(head), last = tonumber(last), isRefused = outcome == 'refused', marks = {}, before = {} }
    local first = batch.isRefused and batch.head + 1 or next
    local lines = linesBetween(first, batch.last)
    if not lines then
      return false
    end
    if batch.isRefused then
      judge(lines, batch.head)
    else
      noteLast(lines, next)
    end
    for productId, price, kept in string.gmatch(rest, ' (%S+)=([-%d]+),(%S*)') do
      local list, low, high = decodeMarks(kept)
      batch.before[productId] = tonumber(price) or false
      batch.marks[productId] = list[1] and { marks = list, lowest = low, highest = high }
    end
    return true
  end
end
