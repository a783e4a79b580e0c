import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'a sweep uses up one tip after the other, each in a new place',
  plays,
  `
  1 ann sell 7 @ 5.00 show 2  | 1 open 2+5
  2 bob buy 1 @ 5.00          | 1 @ 5.00 with 1, 2 filled
  ask 5.00 1:1
  3 bob buy 5 @ 5.00          | 1 @ 5.00 with 1, 1 shows 2+3, 2 @ 5.00 with 1, 1 shows 2+1, 2 @ 5.00 with 1, 1 shows 1, 3 filled
  ask 5.00 1:1
  4 bob buy 3 @ 5.00          | 1 @ 5.00 with 1, 1 filled, 4 open 2
  bid 5.00 4:2
`,
);

test(
  'the next tip is behind the others at its price, and two icebergs alternate',
  plays,
  `
  1 ann sell 6 @ 5.00 show 2  | 1 open 2+4
  2 bob sell 5 @ 5.00 show 2  | 2 open 2+3
  3 cid sell 1 @ 5.00         | 3 open 1
  4 dan sell 9 @ 5.01         | 4 open 9
  5 dan buy 2 @ 5.00          | 2 @ 5.00 with 1, 1 shows 2+2, 5 filled
  ask 5.01 4:9
  ask 5.00 2:2 3:1 1:2
  6 dan buy 8 @ 5.00 | 2 @ 5.00 with 2, 2 shows 2+1, 1 @ 5.00 with 3, 3 filled, 2 @ 5.00 with 1, 1 shows 2, 2 @ 5.00 with 2, 2 shows 1, 1 @ 5.00 with 1, 6 filled
  ask 5.01 4:9
  ask 5.00 1:1 2:1
`,
);

test(
  'it takes with all of its size, and rests with what that leaves',
  plays,
  `
  1 ann sell 5 @ 5.00         | 1 open 5
  2 bob buy 12 @ 5.00 show 3  | 5 @ 5.00 with 1, 1 filled, 2 open 3+4
  3 ann sell 1 @ 5.00 post    | refused post_only
  4 cid buy 2 @ 5.00 show 2   | 4 open 2
  bid 5.00 2:3 4:2
`,
);

test(
  'a tip counts as a maker',
  plays,
  `
  1 product A-USD online makers 3  | ok
  2 ann sell 13 @ 5.00 show 2      | 2 open 2+11
  3 bob buy 7 @ 5.00               | 2 @ 5.00 with 2, 2 shows 2+9, 2 @ 5.00 with 2, 2 shows 2+7, 2 @ 5.00 with 2, 2 shows 2+5, 3 maker_limit 1
  4 bob buy 7 @ 5.00 fok           | 4 maker_limit 7
  5 bob buy 8 @ 5.00 fok           | 5 maker_limit 8
  ask 5.00 2:2
`,
);

test(
  'an order that must fill whole is filled from what is hidden, unless its own order comes before that',
  plays,
  `
  1 ann sell 6 @ 5.00 show 1     | 1 open 1+5
  2 bob buy 3 @ 5.00 fok         | 1 @ 5.00 with 1, 1 shows 1+4, 1 @ 5.00 with 1, 1 shows 1+3, 1 @ 5.00 with 1, 1 shows 1+2, 2 filled
  3 bob sell 1 @ 5.00            | 3 open 1
  4 bob buy 2 @ 5.00 fok dc      | 4 time_in_force 2
  5 bob buy 1 @ 5.00 fok dc      | 1 @ 5.00 with 1, 1 shows 1+1, 5 filled
  6 cid buy 9 @ 5.00 fok         | 6 time_in_force 9
  ask 5.00 3:1 1:1
`,
);

test(
  'self-trade prevention takes an iceberg as a whole, and from what it hides first',
  plays,
  `
  1 ann sell 9 @ 5.00 show 3  | 1 open 3+6
  2 ann buy 5 @ 5.00 dc       | 1 self_trade 4 @ 5.00 left 3+1 kept, 2 self_trade 5
  3 ann buy 2 @ 5.00 dc       | 1 self_trade 2 @ 5.00 left 2 kept, 3 self_trade 2
  4 ann buy 6 @ 5.00 dc show 1 | 1 self_trade 2, 4 self_trade 4 @ 5.00 left 1+3 kept, 4 open 1+3
  5 ann sell 1 @ 5.00 cn      | 5 self_trade 1
  6 ann sell 1 @ 5.00 co      | 4 self_trade 1+3, 6 open 1
  7 bob sell 5 @ 4.00 show 2  | 7 open 2+3
  8 bob buy 1 @ 4.00 cb       | 7 self_trade 2+3, 8 self_trade 1
  ask 5.00 6:1
`,
);

test(
  'an amend is about all of it: a smaller one hides less and keeps the place, another comes in anew',
  plays,
  `
  1 ann sell 9 @ 5.00 show 3  | 1 open 3+6
  2 bob sell 1 @ 5.00         | 2 open 1
  3 cid buy 1 @ 5.00          | 1 @ 5.00 with 1, 3 filled
  4 ann amend 1 to 5          | 1 amended 5 @ 5.00 left 2+2 kept
  5 ann amend 1 to 2          | 1 amended 2 @ 5.00 left 1 kept
  ask 5.00 1:1 2:1
  6 ann amend 1 to 1          | refused size_filled
  7 ann amend 1 to 8          | 1 amended 8 @ 5.00 left 3+4 moved, 1 open 3+4
  8 ann amend 1 to 302        | refused too_large
  9 ann amend 1 to 301 @ 6.00 | 1 amended 301 @ 6.00 left 3+297 moved, 1 open 3+297
  10 ann cancel 1             | 1 canceled 3+297
  ask 5.00 2:1
`,
);

test(
  'it expires, waits for a stop price and is post-only like any other',
  plays,
  `
  1 ann sell 9 @ 5.00 until 7 show 3          | 1 open 3+6
  2 bob buy 3 @ 5.00                          | 3 @ 5.00 with 1, 1 shows 3+3, 2 filled
  3 bob buy 8 @ 5.00 entry 6.00 show 2        | 3 waits for 6.00
  4 ann sell 1 @ 6.00 post                    | 4 open 1
  5 time 7                                    | 1 expired 3+3
  6 cid buy 1 @ 6.00                          | 1 @ 6.00 with 4, 4 filled, 6 filled, 3 triggered, 3 open 2+6
  7 dan sell 3 @ 5.00                         | 2 @ 5.00 with 3, 3 shows 2+4, 1 @ 5.00 with 3, 7 filled
  bid 5.00 3:1
`,
);

test(
  'tips and stop orders that one command puts at a price are in the order of its events',
  plays,
  `
  1 ann sell 4 @ 5.00 show 2            | 1 open 2+2
  2 bob sell 1 @ 5.00 loss 5.00         | 2 waits for 5.00
  3 cid sell 3 @ 5.00 loss 5.00 show 1  | 3 waits for 5.00
  4 dan buy 2 @ 5.00                    | 2 @ 5.00 with 1, 1 shows 2, 4 filled, 2 triggered, 2 open 1, 3 triggered, 3 open 1+2
  ask 5.00 1:2 2:1 3:1
`,
);

test(
  'an auction counts all of it, and trades it tip by tip',
  plays,
  `
  1 product A-USD auction       | ok
  2 ann sell 5 @ 5.00 show 2    | 2 open 2+3
  3 bob sell 2 @ 5.00           | 3 open 2
  4 cid buy 6 @ 5.00 show 4     | 4 open 4+2
  5 product A-USD online        | 4 2 @ 5.00 with 2, 2 shows 2+1, 4 2 @ 5.00 with 3, 3 filled, 4 shows 2, 4 2 @ 5.00 with 2, 2 shows 1, 4 filled
  ask 5.00 2:1
`,
);
