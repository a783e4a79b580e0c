import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'orders that do not cross rest on both sides',
  plays,
  `
  1 ann sell 3 @ 5.00  | 1 open 3
  2 bob buy 2 @ 4.99   | 2 open 2
  ask 5.00 1:3
  bid 4.99 2:2
`,
);

test(
  'a buy order trades at the lower price of the order it meets',
  plays,
  `
  1 ann sell 3 @ 5.00  | 1 open 3
  2 bob buy 3 @ 6.00   | 3 @ 5.00 with 1, 1 filled, 2 filled
  empty
`,
);

test(
  'a sell order trades at the higher price of the order it meets',
  plays,
  `
  1 ann buy 3 @ 5.00   | 1 open 3
  2 bob sell 3 @ 0.01  | 3 @ 5.00 with 1, 1 filled, 2 filled
  empty
`,
);

test(
  'equal prices cross, one tick less does not',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 bob buy 1 @ 4.99   | 2 open 1
  3 bob buy 1 @ 5.00   | 1 @ 5.00 with 1, 1 filled, 3 filled
  bid 4.99 2:1
`,
);

test(
  'the smaller remaining size is traded and the larger keeps the rest',
  plays,
  `
  1 ann sell 5 @ 5.00  | 1 open 5
  2 bob buy 2 @ 5.00   | 2 @ 5.00 with 1, 2 filled
  3 cid buy 4 @ 5.00   | 3 @ 5.00 with 1, 1 filled, 3 open 1
  bid 5.00 3:1
`,
);

test(
  'an order that fills several levels exactly leaves nothing behind',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 ann sell 2 @ 5.01  | 2 open 2
  3 bob sell 3 @ 5.02  | 3 open 3
  4 cid buy 6 @ 5.02   | 1 @ 5.00 with 1, 1 filled, 2 @ 5.01 with 2, 2 filled, 3 @ 5.02 with 3, 3 filled, 4 filled
  empty
`,
);

test(
  'a sell order walks down the bids',
  plays,
  `
  1 ann buy 1 @ 5.00   | 1 open 1
  2 ann buy 2 @ 5.02   | 2 open 2
  3 bob buy 3 @ 5.01   | 3 open 3
  4 cid sell 4 @ 5.01  | 2 @ 5.02 with 2, 2 filled, 2 @ 5.01 with 3, 4 filled
  bid 5.01 3:1
  bid 5.00 1:1
`,
);

test(
  'a remainder becomes the best price of its own side',
  plays,
  `
  1 ann sell 2 @ 5.00  | 1 open 2
  2 ann sell 2 @ 5.10  | 2 open 2
  3 bob buy 1 @ 4.90   | 3 open 1
  4 cid buy 5 @ 5.05   | 2 @ 5.00 with 1, 1 filled, 4 open 3
  ask 5.10 2:2
  bid 5.05 4:3
  bid 4.90 3:1
  5 dan sell 4 @ 4.90  | 3 @ 5.05 with 4, 4 filled, 1 @ 4.90 with 3, 3 filled, 5 filled
  ask 5.10 2:2
`,
);

test(
  'a trade within one product leaves the other product alone',
  plays,
  `
  1 ann sell 1 @ 5.00           | 1 open 1
  2 bob buy 1 @ 5.00 in B-USD   | 2 open 1
  3 bob sell 1 @ 5.00 in B-USD  | 1 @ 5.00 with 2, 2 filled, 3 filled
  ask 5.00 1:1
`,
);

test(
  'two orders of one trader trade with each other when nothing forbids it',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 ann buy 1 @ 5.00   | 1 @ 5.00 with 1, 1 filled, 2 filled
  empty
`,
);

test(
  'IOC trades what it can and the remainder is done',
  plays,
  `
  1 ann sell 2 @ 5.00     | 1 open 2
  2 ann sell 2 @ 5.01     | 2 open 2
  3 bob buy 3 @ 5.00 ioc  | 2 @ 5.00 with 1, 1 filled, 3 time_in_force 1
  4 bob buy 1 @ 5.00 ioc  | 4 time_in_force 1
  5 bob buy 2 @ 5.01 ioc  | 2 @ 5.01 with 2, 2 filled, 5 filled
  empty
`,
);

test(
  'FOK that misses by one lot trades nothing',
  plays,
  `
  1 ann sell 2 @ 5.00     | 1 open 2
  2 bob sell 3 @ 5.01     | 2 open 3
  3 cid sell 9 @ 5.02     | 3 open 9
  4 dan buy 6 @ 5.01 fok  | 4 time_in_force 6
  ask 5.02 3:9
  ask 5.01 2:3
  ask 5.00 1:2
`,
);

test(
  'FOK that fills exactly takes every level it needs',
  plays,
  `
  1 ann sell 2 @ 5.00     | 1 open 2
  2 bob sell 3 @ 5.01     | 2 open 3
  3 dan buy 5 @ 5.01 fok  | 2 @ 5.00 with 1, 1 filled, 3 @ 5.01 with 2, 2 filled, 3 filled
  empty
`,
);

test(
  'FOK fills from part of the last order, and on an empty book not at all',
  plays,
  `
  1 dan sell 1 @ 5.00 fok  | 1 time_in_force 1
  2 ann buy 2 @ 5.00       | 2 open 2
  3 bob buy 3 @ 5.01       | 3 open 3
  4 dan sell 4 @ 5.00 fok  | 3 @ 5.01 with 3, 3 filled, 1 @ 5.00 with 2, 4 filled
  bid 5.00 2:1
`,
);

test(
  'FOK does not count orders that were canceled or filled before',
  plays,
  `
  1 ann sell 2 @ 5.00     | 1 open 2
  2 bob sell 2 @ 5.00     | 2 open 2
  3 cid sell 2 @ 5.00     | 3 open 2
  4 bob cancel 2          | 2 canceled 2
  5 dan buy 1 @ 5.00      | 1 @ 5.00 with 1, 5 filled
  6 dan buy 4 @ 5.00 fok  | 6 time_in_force 4
  7 dan buy 3 @ 5.00 fok  | 1 @ 5.00 with 1, 1 filled, 2 @ 5.00 with 3, 3 filled, 7 filled
  empty
`,
);

test(
  'a post-only order that would trade is refused and changes nothing',
  plays,
  `
  1 ann sell 1 @ 5.00      | 1 open 1
  2 bob buy 1 @ 5.00 post  | refused post_only
  3 bob buy 1 @ 6.00 post  | refused post_only
  4 bob buy 1 @ 4.99 post  | 4 open 1
  5 ann sell 1 @ 4.99 post | refused post_only
  ask 5.00 1:1
  bid 4.99 4:1
`,
);

test(
  "a post-only order is refused for its own trader's order too, whatever prevents self-trade",
  plays,
  `
  1 ann sell 1 @ 5.00         | 1 open 1
  2 ann buy 1 @ 5.00 post co  | refused post_only
  ask 5.00 1:1
`,
);

test(
  'a resting post-only order is a maker like any other',
  plays,
  `
  1 ann sell 2 @ 5.00 post  | 1 open 2
  2 bob buy 1 @ 5.00        | 1 @ 5.00 with 1, 2 filled
  ask 5.00 1:1
`,
);
