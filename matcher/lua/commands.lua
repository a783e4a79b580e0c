-- Reading the commands of a run from the stream, in order and without a gap.

local mostEntries = 256

-- Calls visit(sequence, line) for every command from `first` to `last`. Returns the first one that the stream lacks, or nil.
-- An entry may hold a thousand lines, so no more entries are fetched than the ones before make likely to be needed.
local function eachCommand(first, last, visit)
  local nextSequence = first
  -- The entry that holds a sequence is the last one whose id is not above it.
  local entries = redis.call('XREVRANGE', commandsKey, format('0-%d', first), '-', 'COUNT', 1)
  while true do
    local before, id = nextSequence, nil
    for _, entry in ipairs(entries) do
      id = entry[1]
      local sequence = tonumber(capture(id, '^0%-(%d+)$'))
      if sequence > nextSequence then
        return nextSequence
      end
      for line in string.gmatch(entry[2][2], '[^\n]+') do
        if sequence > last then
          return nil
        end
        if sequence == nextSequence then
          visit(sequence, line)
          nextSequence = sequence + 1
        end
        sequence = sequence + 1
      end
    end
    if nextSequence > last then
      return nil
    elseif nextSequence == before then
      return nextSequence
    end
    local perEntry = (nextSequence - before) / #entries
    local want = math.ceil((last - nextSequence + 1) / perEntry)
    entries = redis.call('XRANGE', commandsKey, '(' .. id, '+', 'COUNT', min(want, mostEntries))
  end
end
