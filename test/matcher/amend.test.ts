import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'less size at the same price keeps the place in the queue',
  plays,
  `
  1 ann sell 5 @ 5.00  | 1 open 5
  2 bob sell 5 @ 5.00  | 2 open 5
  3 ann amend 1 to 2   | 1 amended 2 @ 5.00 left 2 kept
  ask 5.00 1:2 2:5
  4 dan buy 3 @ 5.00   | 2 @ 5.00 with 1, 1 filled, 1 @ 5.00 with 2, 4 filled
  ask 5.00 2:4
`,
);

test(
  'an amend to what the order has already keeps the place',
  plays,
  `
  1 ann sell 5 @ 5.00         | 1 open 5
  2 bob sell 5 @ 5.00         | 2 open 5
  3 ann amend 1 to 5 @ 5.00   | 1 amended 5 @ 5.00 left 5 kept
  ask 5.00 1:5 2:5
`,
);

test(
  'more size at the same price goes to the end of the queue',
  plays,
  `
  1 ann sell 5 @ 5.00  | 1 open 5
  2 bob sell 5 @ 5.00  | 2 open 5
  3 ann amend 1 to 6   | 1 amended 6 @ 5.00 left 6 moved, 1 open 6
  ask 5.00 2:5 1:6
  4 cid sell 1 @ 5.00  | 4 open 1
  5 dan buy 7 @ 5.00   | 5 @ 5.00 with 2, 2 filled, 2 @ 5.00 with 1, 5 filled
  ask 5.00 1:4 4:1
`,
);

test(
  'another price goes to the end of the queue there',
  plays,
  `
  1 ann sell 5 @ 5.00     | 1 open 5
  2 bob sell 5 @ 5.01     | 2 open 5
  3 ann amend 1 @ 5.01    | 1 amended 5 @ 5.01 left 5 moved, 1 open 5
  ask 5.01 2:5 1:5
  4 ann amend 1 @ 5.00    | 1 amended 5 @ 5.00 left 5 moved, 1 open 5
  ask 5.01 2:5
  ask 5.00 1:5
`,
);

test(
  'less size at another price moves too',
  plays,
  `
  1 ann buy 5 @ 5.00         | 1 open 5
  2 bob buy 5 @ 4.99         | 2 open 5
  3 ann amend 1 to 2 @ 4.99  | 1 amended 2 @ 4.99 left 2 moved, 1 open 2
  bid 4.99 2:5 1:2
`,
);

test(
  'an order that left a price and came back has lost its place there',
  plays,
  `
  1 ann buy 1 @ 5.00     | 1 open 1
  2 bob buy 1 @ 5.00     | 2 open 1
  3 ann amend 1 @ 5.01   | 1 amended 1 @ 5.01 left 1 moved, 1 open 1
  4 ann amend 1 @ 5.00   | 1 amended 1 @ 5.00 left 1 moved, 1 open 1
  5 dan sell 1 @ 5.00    | 1 @ 5.00 with 2, 2 filled, 5 filled
  bid 5.00 1:1
`,
);

test(
  'amending one of two orders at a price leaves the other alone',
  plays,
  `
  1 ann buy 3 @ 5.00     | 1 open 3
  2 ann buy 3 @ 5.00     | 2 open 3
  3 ann amend 2 to 1     | 2 amended 1 @ 5.00 left 1 kept
  4 ann amend 1 to 4     | 1 amended 4 @ 5.00 left 4 moved, 1 open 4
  bid 5.00 2:1 1:4
`,
);

test(
  'a buy order amended into a cross trades at the price of the order it meets',
  plays,
  `
  1 ann sell 2 @ 5.00    | 1 open 2
  2 ann sell 2 @ 5.05    | 2 open 2
  3 bob buy 5 @ 4.00     | 3 open 5
  4 bob amend 3 @ 5.10   | 3 amended 5 @ 5.10 left 5 moved, 2 @ 5.00 with 1, 1 filled, 2 @ 5.05 with 2, 2 filled, 3 open 1
  bid 5.10 3:1
`,
);

test(
  'a sell order amended into a cross trades at the price of the order it meets',
  plays,
  `
  1 ann buy 2 @ 5.00     | 1 open 2
  2 bob sell 2 @ 6.00    | 2 open 2
  3 bob amend 2 @ 4.00   | 2 amended 2 @ 4.00 left 2 moved, 2 @ 5.00 with 1, 1 filled, 2 filled
  empty
`,
);

test(
  'size is the new total, so what is filled counts',
  plays,
  `
  1 ann sell 5 @ 5.00  | 1 open 5
  2 bob buy 2 @ 5.00   | 2 @ 5.00 with 1, 2 filled
  3 ann amend 1 to 4   | 1 amended 4 @ 5.00 left 2 kept
  4 ann amend 1 to 9   | 1 amended 9 @ 5.00 left 7 moved, 1 open 7
  ask 5.00 1:7
`,
);

test(
  'a new total not above what is filled is refused',
  plays,
  `
  1 ann sell 5 @ 5.00         | 1 open 5
  2 bob buy 2 @ 5.00          | 2 @ 5.00 with 1, 2 filled
  3 ann amend 1 to 2          | refused size_filled
  4 ann amend 1 to 1 @ 4.00   | refused size_filled
  5 ann amend 1 to 3          | 1 amended 3 @ 5.00 left 1 kept
  ask 5.00 1:1
`,
);

test(
  'an amend after a full fill or a cancel is refused, and so is a cancel',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 bob buy 1 @ 5.00   | 1 @ 5.00 with 1, 1 filled, 2 filled
  3 ann amend 1 to 5   | refused order_not_resting
  4 ann cancel 1       | refused order_not_resting
  5 bob amend 2 to 5   | refused order_not_resting
  6 ann sell 1 @ 5.00  | 6 open 1
  7 ann cancel 6       | 6 canceled 1
  8 ann cancel 6       | refused order_not_resting
  9 ann amend 6 to 2   | refused order_not_resting
  empty
`,
);

test(
  'an amend of an order that traded itself away in a moment before is refused',
  plays,
  `
  1 ann sell 1 @ 5.00   | 1 open 1
  2 bob buy 1 @ 4.00    | 2 open 1
  3 bob amend 2 @ 5.00  | 2 amended 1 @ 5.00 left 1 moved, 1 @ 5.00 with 1, 1 filled, 2 filled
  4 bob amend 2 @ 4.00  | refused order_not_resting
  5 bob cancel 2        | refused order_not_resting
  6 ann cancel 1        | refused order_not_resting
  empty
`,
);

test(
  'only its trader amends an order, and only one that exists',
  plays,
  `
  1 ann sell 1 @ 5.00   | 1 open 1
  2 bob amend 1 to 2    | refused order_not_resting
  3 ann amend 77 to 2   | refused order_not_resting
  ask 5.00 1:1
`,
);

test(
  'an amended order can be canceled, amended again and traded',
  plays,
  `
  1 ann sell 4 @ 5.00   | 1 open 4
  2 ann amend 1 @ 5.10  | 1 amended 4 @ 5.10 left 4 moved, 1 open 4
  3 dan buy 1 @ 5.10    | 1 @ 5.10 with 1, 3 filled
  4 ann amend 1 @ 5.20  | 1 amended 4 @ 5.20 left 3 moved, 1 open 3
  ask 5.20 1:3
  5 ann amend 1 to 3    | 1 amended 3 @ 5.20 left 2 kept
  6 ann cancel 1        | 1 canceled 2
  empty
`,
);

test(
  'an amended order keeps its flag against self-trade',
  plays,
  `
  1 ann sell 1 @ 5.00     | 1 open 1
  2 ann buy 2 @ 4.00 co   | 2 open 2
  3 ann amend 2 @ 5.00    | 2 amended 2 @ 5.00 left 2 moved, 1 self_trade 1, 2 open 2
  bid 5.00 2:2
`,
);

test(
  'an amend that its flag ends is done',
  plays,
  `
  1 ann sell 1 @ 5.00     | 1 open 1
  2 ann buy 2 @ 4.00 cn   | 2 open 2
  3 ann amend 2 @ 5.00    | 2 amended 2 @ 5.00 left 2 moved, 2 self_trade 2
  ask 5.00 1:1
`,
);

test(
  'an amend of a post-only order that would trade is refused and leaves it in its place',
  plays,
  `
  1 ann sell 1 @ 5.00        | 1 open 1
  2 bob buy 2 @ 4.00 post    | 2 open 2
  3 cid buy 2 @ 4.00         | 3 open 2
  4 bob amend 2 @ 5.00       | refused post_only
  5 bob amend 2 to 9 @ 6.00  | refused post_only
  ask 5.00 1:1
  bid 4.00 2:2 3:2
  6 bob amend 2 @ 4.99       | 2 amended 2 @ 4.99 left 2 moved, 2 open 2
  ask 5.00 1:1
  bid 4.99 2:2
  bid 4.00 3:2
`,
);
