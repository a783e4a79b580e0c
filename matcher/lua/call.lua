-- One variadic command, cut where `unpack` would overflow.

local mostArguments = 1000

local function callWith(command, key, arguments)
  for from = 1, #arguments, mostArguments do
    redis.call(command, key, unpack(arguments, from, math.min(from + mostArguments - 1, #arguments)))
  end
end
