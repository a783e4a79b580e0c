-- Reading the commands of a run from the stream, in order and without a gap.

local mostEntries = 256

-- Calls visit(sequence, line) for up to `most` commands from `first` on. The sequence is text, the line ends with a newline.
-- Ends with an entry where it can, since each run reads its entries whole, and after the command with which the run has made
-- its steps. A visit that returns true has not finished its command, and ends the run before it. Returns the last sequence, or nil and the one that the stream lacks.
local function eachCommand(first, most, visit)
  local nextSequence, last = first, first + most - 1
  -- The entry that holds a sequence is the last one whose id is not above it.
  local entries = redis.call('XREVRANGE', commandsKey, format('0-%d', first), '-', 'COUNT', 1)
  while true do
    local before = nextSequence
    local id, size
    for _, entry in ipairs(entries) do
      id = entry[1]
      local start = tonumber(capture(id, '^0%-(%d+)$'))
      if start > nextSequence then
        return nil, nextSequence
      end
      local sequence, text, from = start, entry[2][2], 1
      while from <= #text do
        if sequence > last then
          return last
        end
        local to = string.find(text, '\n', from, true) -- three times as fast as a pattern
        if sequence == nextSequence then
          if visit(format('%d', sequence), to and string.sub(text, from, to) or string.sub(text, from) .. '\n') then
            return sequence - 1
          end
          nextSequence = sequence + 1
          if steps >= runSteps then
            return sequence
          end
        end
        sequence, from = sequence + 1, (to or #text) + 1
      end
      size = sequence - start
    end
    if nextSequence == before then
      return nil, nextSequence
    end
    -- The next entries are likely to be as long as this one.
    local fit = floor((last - nextSequence + 1) / size)
    if fit == 0 then
      return nextSequence - 1
    end
    entries = redis.call('XRANGE', commandsKey, '(' .. id, '+', 'COUNT', min(fit, mostEntries))
  end
end
