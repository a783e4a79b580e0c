-- Reading the commands of a run from the stream, in order and without a gap.

local mostEntries = 256

-- Calls visit(sequence, line) for every command from `first` to `last`. Returns the first one that the stream lacks, or nil.
-- An entry may hold a thousand lines, so no more entries are fetched than will be needed if they are like the one before.
local function eachCommand(first, last, visit)
  local nextSequence = first
  -- The entry that holds a sequence is the last one whose id is not above it.
  local entries = redis.call('XREVRANGE', commandsKey, format('0-%d', first), '-', 'COUNT', 1)
  while true do
    local before = nextSequence
    local id, size
    for _, entry in ipairs(entries) do
      id = entry[1]
      local start = tonumber(capture(id, '^0%-(%d+)$'))
      if start > nextSequence then
        return nextSequence
      end
      local sequence, text, from = start, entry[2][2], 1
      while from <= #text do
        if sequence > last then
          return nil
        end
        local to = string.find(text, '\n', from, true) or #text + 1 -- three times as fast as a pattern
        if sequence == nextSequence then
          visit(sequence, string.sub(text, from, to - 1))
          nextSequence = sequence + 1
        end
        sequence, from = sequence + 1, to + 1
      end
      size = sequence - start
    end
    if nextSequence > last then
      return nil
    elseif nextSequence == before then
      return nextSequence
    end
    local want = math.ceil((last - nextSequence + 1) / size)
    entries = redis.call('XRANGE', commandsKey, '(' .. id, '+', 'COUNT', min(want, mostEntries))
  end
end
