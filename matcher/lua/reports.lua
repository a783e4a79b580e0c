-- What a run reports: text in pieces, every line of which ends with a newline.
--
-- Redis' Lua hashes every character of every string that it makes, so a line is not copied into a longer one, and the text is
-- put together from parts that `table.concat` makes at one go (up to BUFSIZ of C, 8 KB or less). It is one string in the end,
-- because Redis sends a reader 64 KB in a turn of its loop, or one string whole if that is longer.

-- The text of a whole number. Prices, sizes and the like are met again and again in a run.
local texts = {}

local function digits(number)
  local text = texts[number]
  if not text then
    text = format('%d', number)
    texts[number] = text
  end
  return text
end

local pieces, said = {}, 0

local function say(piece)
  said = said + 1
  pieces[said] = piece
end

-- The head of a report: what became of a command, whose line follows.
local function sayCommand(sequence, outcome, productId, feed, line)
  pieces[said + 1] = sequence .. ' ' .. outcome .. ' ' .. productId .. ' ' .. format('%d', feed) .. ' '
  pieces[said + 2] = line
  said = said + 2
end

-- Pieces of the reports as one text.
local function reportText(first, last)
  local piecesAPart = 64
  local parts = {}
  for from = first, last, piecesAPart do
    parts[#parts + 1] = table.concat(pieces, '', from, min(from + piecesAPart - 1, last))
  end
  return table.concat(parts)
end
