#!lua
--- Applies the next commands of a shard to its books and reports what became of them: one matching run.
--
-- KEYS[1] stream {shard}:commands
-- KEYS[2] stream {shard}:events
-- KEYS[3] hash {shard}:state
-- KEYS[4] hash {shard}:orders
-- KEYS[5] hash {shard}:products
-- KEYS[6] what the keys of the shard's books start with, {shard}:book:
-- KEYS[7] what the keys of its accounts start with, {shard}:account:
-- KEYS[8] what a command that a run could not finish leaves to the next, a hash, {shard}:cascade
-- KEYS[9] sorted set {shard}:expiring, when the first order of each product expires
-- KEYS[10] set {shard}:frozen, the traders who may cancel only
-- ARGV[1] most commands of this run
-- ARGV[2] orders that it may visit: it ends with the command that reaches so many
-- ARGV[3] the highest sequence that the caller knows to have been matched
-- ARGV[4] the last sequence that may be matched, empty if all may
--
-- Reply: {matched, applied, steps, left}: the last sequence matched, how many commands this run applied, how many orders it visited,
-- and how many commands wait after it.
-- Errors: GAP when the stream lacks the next sequence, UNPREPARED when the shard has no state, BEHIND when this Redis has less
-- commands than the caller knows: it lost data, and would make other trades under the same sequences.
--
-- The outcome depends on the commands alone. How many of them a run takes changes no trade, no book and no number.
-- An error would not undo earlier writes, so a run reads and decides first, and `write` at the end cannot fail.

local commandsKey, eventsKey, stateKey, ordersKey, productsKey, booksKey, accountsKey, cascadeKey, expiringKey, frozenKey = unpack(KEYS)
local runSize, runSteps, known, through = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local format, capture, floor, min, max = string.format, string.match, math.floor, math.min, math.max
local mostUnits = 9007199254740991

-- Often there is nothing to match, which is seen before the functions are made that matching needs.
local state = redis.call('HMGET', stateKey, 'sequence', 'matched', 'cascade', 'batch')
if not state[1] then
  return redis.error_reply('UNPREPARED the shard has no state')
end
local sequence, matched = tonumber(state[1]), tonumber(state[2])
if sequence < known then
  return redis.error_reply(format('BEHIND Redis has sequences up to %d, and had matched %d', sequence, known))
end
local unmatched = min(sequence, through or sequence) - matched
if unmatched <= 0 then
  return { matched, 0, 0, sequence - matched }
end

-- @include "reports"
-- @include "book"
-- @include "commands"
-- @include "icebergs"
-- @include "depth"
-- @include "fees"
-- @include "collar"
-- @include "accounts"
-- @include "stops"
-- @include "trade"
-- @include "auction"
-- @include "transfers"
-- @include "freeze"
-- @include "settle"
-- @include "call"
-- @include "expiry"
-- @include "cascade"
-- @include "places"
-- @include "batch"
-- @include "rules"
-- @include "write"

local last, missing = matched, nil
if state[4] and not resumeBatch(state[4], matched + 1) then
  return redis.error_reply(format('GAP the commands stream lacks %d', lacking))
end
if state[3] then
  local isDone, product = resumeCascade(format('%d', matched + 1))
  if isDone then
    last = matched + 1
  else
    cascading, cascadingFrom = product, 1
  end
end
local room = min(matched + unmatched, matched + runSize) - last
if not cascading and room > 0 and steps < runSteps then
  last, missing = eachCommand(last + 1, room, apply)
end
missing = missing or lacking and lacking <= sequence and lacking
if missing then
  return redis.error_reply(format('GAP the commands stream lacks %d', missing))
end
write(matched + 1, last, state[3], state[4])
return { last, last - matched, steps, sequence - last }
