-- Moving money in, out, and between traders.

local function refuse(sequence, reason, line)
  sayCommand(sequence, reason, '-', 0, line)
end

-- Accepts a command that reaches no book.
local function acceptOffBook(sequence, line)
  sayCommand(sequence, 'ok', '-', 0, line)
end

-- Moves what is available from one account to another. Only the system's account may go below zero, as far as integers reach.
local function remit(sequence, line, from, to, amount)
  local left = from.available - amount
  if left < 0 and from.trader ~= system or left < -mostUnits then
    return refuse(sequence, 'insufficient_funds', line)
  end
  acceptOffBook(sequence, line)
  move(from, -amount, 0)
  move(to, amount, 0)
end

local function deposit(sequence, line)
  local trader, currency, amount = capture(line, '^deposit (%d+) (%w+) (%d+) ')
  remit(sequence, line, accountsIn(currency)[system], accountsIn(currency)[trader], tonumber(amount))
end

local function withdraw(sequence, line)
  local trader, currency, amount = capture(line, '^withdraw ([-%d]+) (%w+) (%d+) ')
  remit(sequence, line, accountsIn(currency)[trader], accountsIn(currency)[system], tonumber(amount))
end

local function transfer(sequence, line)
  local from, to, currency, amount = capture(line, '^transfer ([-%d]+) (%d+) (%w+) (%d+) ')
  remit(sequence, line, accountsIn(currency)[from], accountsIn(currency)[to], tonumber(amount))
end
