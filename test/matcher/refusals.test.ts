import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'a product that nothing announced is not found',
  plays,
  `
  1 ann sell 1 @ 5.00 in C-USD     | refused product_not_found
  2 product C-USD online           | ok
  3 ann sell 1 @ 5.00 in C-USD     | 3 open 1
`,
);

test(
  'a cancel is refused for another trader, another product and an unknown order',
  plays,
  `
  1 ann sell 1 @ 5.00      | 1 open 1
  2 bob cancel 1           | refused order_not_resting
  3 ann cancel 1 in B-USD  | refused order_not_resting
  4 ann cancel 99          | refused order_not_resting
  ask 5.00 1:1
  5 ann cancel 1 in A-USD  | 1 canceled 1
  empty
`,
);

test(
  'a cancel and an amend of a command that placed no order are refused',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 ann cancel 1       | 1 canceled 1
  3 ann cancel 2       | refused order_not_resting
  4 ann amend 3 to 1   | refused order_not_resting
`,
);

test(
  'cancel_only refuses orders and amends and lets cancels through',
  plays,
  `
  1 ann sell 1 @ 5.00           | 1 open 1
  2 product A-USD cancel_only   | ok
  3 bob buy 1 @ 5.00            | refused cancel_only
  4 bob buy 1                   | refused cancel_only
  5 ann amend 1 @ 5.01          | refused cancel_only
  ask 5.00 1:1
  6 ann cancel 1                | 1 canceled 1
  empty
`,
);

test(
  'offline refuses everything and keeps the book',
  plays,
  `
  1 ann sell 1 @ 5.00       | 1 open 1
  2 product A-USD offline   | ok
  3 bob buy 1 @ 5.00        | refused offline
  4 ann amend 1 @ 5.01      | refused offline
  5 ann cancel 1            | refused offline
  ask 5.00 1:1
  6 product A-USD online    | ok
  7 bob buy 1 @ 5.00        | 1 @ 5.00 with 1, 1 filled, 7 filled
  empty
`,
);

test(
  'a pause in the middle of a sequence holds from its place on, for its product alone',
  plays,
  `
  1 ann sell 9 @ 5.00           | 1 open 9
  2 bob buy 1 @ 5.00            | 1 @ 5.00 with 1, 2 filled
  3 product A-USD offline       | ok
  4 bob buy 1 @ 5.00            | refused offline
  5 ann sell 1 @ 5.00 in B-USD  | 5 open 1
  6 product A-USD cancel_only   | ok
  7 bob buy 1 @ 5.00            | refused cancel_only
  8 product A-USD online        | ok
  9 bob buy 1 @ 5.00            | 1 @ 5.00 with 1, 9 filled
  ask 5.00 1:7
`,
);

test(
  'an order that does not rest is refused for that before anything else',
  plays,
  `
  1 ann sell 1 @ 5.00       | 1 open 1
  2 product A-USD offline   | ok
  3 bob cancel 1            | refused order_not_resting
  4 bob amend 1 to 2        | refused order_not_resting
  5 ann cancel 9            | refused order_not_resting
  ask 5.00 1:1
`,
);

test(
  'a closed product is a reason before a filled size or post only',
  plays,
  `
  1 ann sell 3 @ 5.00           | 1 open 3
  2 bob buy 1 @ 5.00            | 1 @ 5.00 with 1, 2 filled
  3 bob buy 1 @ 4.00 post       | 3 open 1
  4 product A-USD cancel_only   | ok
  5 ann amend 1 to 1            | refused cancel_only
  6 bob amend 3 @ 5.00          | refused cancel_only
  7 bob buy 1 @ 5.00 post       | refused cancel_only
  ask 5.00 1:2
  bid 4.00 3:1
`,
);

test(
  'a filled size is a reason before post only',
  plays,
  `
  1 ann sell 1 @ 5.00         | 1 open 1
  2 bob buy 3 @ 4.00 post     | 2 open 3
  3 cid sell 1 @ 4.00         | 1 @ 4.00 with 2, 3 filled
  4 bob amend 2 to 1 @ 5.00   | refused size_filled
  5 bob amend 2 to 2 @ 5.00   | refused post_only
  ask 5.00 1:1
  bid 4.00 2:2
`,
);
