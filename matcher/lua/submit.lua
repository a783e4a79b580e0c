#!lua
--- Takes commands into the sequence, all of them or none.
--
-- KEYS[1] stream {shard}:commands
-- KEYS[2] hash {shard}:state
-- KEYS[3] hash {shard}:written
-- KEYS[4..] string {shard}:oid:<trader>:<client_oid> or {shard}:transfer:<transfer id>, one for each line that has such an id
-- ARGV[1] most commands that may wait for the matcher
-- ARGV[2] most commands that may wait for PostgreSQL once they are matched
-- ARGV[3] milliseconds for which such an id is remembered here
-- ARGV[4] number of lines, n
-- ARGV[5] the lines, joined by newlines
-- ARGV[6] the traders whom the lines concern, joined by spaces
-- ARGV[7] the highest sequence that the caller knows to have been given
-- ARGV[8] the all-or-none batches among the lines: `<the line of its command>:<orders that follow>`, joined by spaces
-- ARGV[9..] for each of KEYS[4..], which line it belongs to, from 1 and growing
--
-- Reply: {first, line, sequence, line, sequence, ...}: the sequence of the first line that was taken, then each line
-- that was not, because its id had been given that earlier sequence. The other lines follow `first` in order. Of a batch all
-- lines are taken or none is: if only some of its ids had been given, or one of them comes twice, the sequence of each line is 0.
-- Errors: BACKLOG when too many commands wait, UNPREPARED when the shard has no state, BEHIND when this Redis has less than the
-- caller knows: it lost data, and would give sequences again.
--
-- Redis' Lua hashes every character of every string that it makes, so the lines come in one piece and stay so.

local format = string.format
local commandsKey, stateKey, writtenKey = KEYS[1], KEYS[2], KEYS[3]
local maxUnmatched, maxUnpersisted = tonumber(ARGV[1]), tonumber(ARGV[2])
local window, count, text, traders = ARGV[3], tonumber(ARGV[4]), ARGV[5], ARGV[6]
local known, batches = tonumber(ARGV[7]), ARGV[8]
local firstLine, firstOnce = 9, 4

-- @include "call"

local state = redis.call('HMGET', stateKey, 'sequence', 'matched', 'persisted')
if not state[1] then
  return redis.error_reply('UNPREPARED the shard has no state')
end
local sequence, matched, persisted = tonumber(state[1]), tonumber(state[2]), tonumber(state[3])
if sequence < known then
  return redis.error_reply(format('BEHIND Redis has sequences up to %d, and had given %d', sequence, known))
end
if sequence - matched + count > maxUnmatched or matched - persisted > maxUnpersisted then
  return redis.error_reply('BACKLOG too many commands wait')
end

local first = sequence + 1
local reply = { first }
local given, repeated, repeats = {}, {}, 0 -- sequences by id; lines that are not taken, and how many
local nextKey = firstOnce

local function lineOfKey(i)
  return tonumber(ARGV[firstLine + i - firstOnce])
end

local function earlierOf(once)
  return given[once] or redis.call('GET', once)
end

local function leaveOut(line, earlier)
  reply[#reply + 1] = line
  reply[#reply + 1] = tonumber(earlier)
  repeated[line] = true
  repeats = repeats + 1
end

-- Takes or leaves out the lines before `line`, each by itself.
local function takeSingly(line)
  while nextKey <= #KEYS and lineOfKey(nextKey) < line do
    local once, own = KEYS[nextKey], lineOfKey(nextKey)
    local earlier = earlierOf(once)
    if earlier then
      leaveOut(own, earlier)
    else
      given[once] = format('%d', sequence + own - repeats)
    end
    nextKey = nextKey + 1
  end
end

-- Takes or leaves out the lines of a batch, all alike.
local function takeTogether(head, orders)
  local earlier, found, isTwice, own = {}, 0, false, {}
  for i = nextKey, #KEYS do
    local once, line = KEYS[i], lineOfKey(i)
    if line > head + orders then
      break
    end
    isTwice, own[once] = isTwice or own[once], true
    earlier[line] = earlierOf(once)
    found = found + (earlier[line] and 1 or 0)
  end
  if found == 0 and not isTwice then
    takeSingly(head + orders + 1)
    return
  end
  local isRepeat = found == orders
  leaveOut(head, isRepeat and earlier[head + 1] or 0)
  for line = head + 1, head + orders do
    leaveOut(line, isRepeat and earlier[line] or 0)
  end
  while nextKey <= #KEYS and lineOfKey(nextKey) <= head + orders do
    nextKey = nextKey + 1
  end
end

for head, orders in string.gmatch(batches, '(%d+):(%d+)') do
  takeSingly(tonumber(head))
  takeTogether(tonumber(head), tonumber(orders))
end
takeSingly(count + 1)
if repeats == count then
  return reply
elseif repeats > 0 then
  local taken, line = {}, 0
  for one in string.gmatch(text, '[^\n]+') do
    line = line + 1
    if not repeated[line] then
      taken[#taken + 1] = one
    end
  end
  text = table.concat(taken, '\n')
end

-- Nothing below can fail: the entry's id is above every id before it, because sequences only grow.
local last = format('%d', sequence + count - repeats)
redis.call('XADD', commandsKey, format('0-%d', first), 'lines', text)
redis.call('HSET', stateKey, 'sequence', last)
for once, place in pairs(given) do
  redis.call('SET', once, place, 'PX', window)
end
local fields = {}
for trader in string.gmatch(traders, '%S+') do
  fields[#fields + 1] = trader
  fields[#fields + 1] = last
end
callWith('HSET', writtenKey, fields)
return reply
