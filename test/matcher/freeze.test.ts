import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'a frozen trader cancels, and places and amends nothing, until it is not frozen any more',
  plays,
  `
  1 ann sell 3 @ 5.00        | 1 open 3
  2 ann sell 2 @ 6.00        | 2 open 2
  3 freeze ann               | ok
  4 ann sell 1 @ 7.00        | refused trader_frozen
  5 ann buy 1                | refused trader_frozen
  6 ann sell 1 @ 1.00 fok    | refused trader_frozen
  7 ann sell 1 @ 4.00 loss 4.50 | refused trader_frozen
  8 ann amend 1 to 2         | refused trader_frozen
  9 ann amend 1 @ 4.00       | refused trader_frozen
  10 ann amend 1 until 9     | refused trader_frozen
  11 ann cancel 2            | 2 canceled 2
  12 bob sell 1 @ 5.00       | 12 open 1
  13 unfreeze ann            | ok
  14 ann sell 1 @ 7.00       | 14 open 1
  15 ann amend 1 to 2        | 1 amended 2 @ 5.00 left 2 kept
  ask 7.00 14:1
  ask 5.00 1:2 12:1
`,
);

test(
  'what a frozen trader had goes on: it trades, is triggered, and expires',
  plays,
  `
  1 ann sell 1 @ 5.00                | 1 open 1
  2 ann sell 1 @ 4.00 loss 5.00      | 2 waits for 5.00
  3 ann buy 1 @ 3.00 until 9         | 3 open 1
  4 freeze ann                       | ok
  5 bob buy 1 @ 5.00                 | 1 @ 5.00 with 1, 1 filled, 5 filled, 2 triggered, 2 open 1
  6 time 9                           | 3 expired 1
  7 ann cancel 2                     | 2 canceled 1
  empty
`,
);

test(
  'freezing twice is once, and unfreezing who is not frozen is nothing',
  plays,
  `
  1 unfreeze ann           | ok
  2 freeze ann             | ok
  3 freeze ann             | ok
  4 ann buy 1 @ 1.00       | refused trader_frozen
  5 unfreeze ann           | ok
  6 ann buy 1 @ 1.00       | 6 open 1
  bid 1.00 6:1
`,
);

test(
  'a frozen trader is frozen on every product, and told first what is wrong with the order or the product',
  plays,
  `
  1 ann buy 1 @ 1.00                | 1 open 1
  2 freeze ann                      | ok
  3 ann buy 1 @ 1.00 in B-USD       | refused trader_frozen
  4 ann buy 1 @ 1.00 in C-USD       | refused product_not_found
  5 ann amend 9 to 1                | refused order_not_resting
  6 ann amend 1 to 0                | refused trader_frozen
  7 product A-USD cancel_only       | ok
  8 ann buy 1 @ 1.00                | refused cancel_only
  9 ann cancel 1                    | 1 canceled 1
  empty
`,
);
