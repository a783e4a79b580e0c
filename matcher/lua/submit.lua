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
-- ARGV[5..4+n] the lines
-- ARGV[5+n..] for each of KEYS[4..], which line it belongs to, from 1
--
-- Reply: {first, line, sequence, line, sequence, ...}: the sequence of the first line that was taken, then each line
-- that was not, because its id had been given that earlier sequence. The other lines follow `first` in order.
-- Errors: BACKLOG when too many commands wait, UNPREPARED when the shard has no state.

local commandsKey, stateKey, writtenKey = KEYS[1], KEYS[2], KEYS[3]
local maxUnmatched, maxUnpersisted = tonumber(ARGV[1]), tonumber(ARGV[2])
local window, count = ARGV[3], tonumber(ARGV[4])
local firstLine, firstOnce = 5, 4

local state = redis.call('HMGET', stateKey, 'sequence', 'matched', 'persisted')
if not state[1] then
  return redis.error_reply('UNPREPARED the shard has no state')
end
local sequence, matched, persisted = tonumber(state[1]), tonumber(state[2]), tonumber(state[3])
if sequence - matched + count > maxUnmatched or matched - persisted > maxUnpersisted then
  return redis.error_reply('BACKLOG too many commands wait')
end

local onceOf = {}
for i = firstOnce, #KEYS do
  onceOf[tonumber(ARGV[firstLine + count + i - firstOnce])] = KEYS[i]
end

local first = sequence + 1
local reply = { first }
local taken, written, given = {}, {}, {}
for i = 1, count do
  local once = onceOf[i]
  local earlier = once and (given[once] or redis.call('GET', once))
  if earlier then
    reply[#reply + 1] = i
    reply[#reply + 1] = tonumber(earlier)
  else
    local line = ARGV[firstLine + i - 1]
    sequence = sequence + 1
    taken[#taken + 1] = line
    local place = string.format('%d', sequence)
    if once then
      given[once] = place
    end
    local trader = string.match(line, '^%l+ (%d+) ')
    if trader then
      written[trader] = place
    end
    local receiver = string.match(line, '^transfer %d+ (%d+) ')
    if receiver then
      written[receiver] = place
    end
  end
end
if #taken == 0 then
  return reply
end

-- Nothing below can fail: the entry's id is above every id before it, because sequences only grow.
redis.call('XADD', commandsKey, string.format('0-%d', first), 'lines', table.concat(taken, '\n'))
redis.call('HSET', stateKey, 'sequence', string.format('%d', sequence))
for once, place in pairs(given) do
  redis.call('SET', once, place, 'PX', window)
end
local fields = {}
for trader, place in pairs(written) do
  fields[#fields + 1] = trader
  fields[#fields + 1] = place
end
if #fields > 0 then
  redis.call('HSET', writtenKey, unpack(fields))
end
return reply
