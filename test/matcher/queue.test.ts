import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'at one price who came first trades first',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 bob sell 1 @ 5.00  | 2 open 1
  3 cid sell 1 @ 5.00  | 3 open 1
  4 dan buy 2 @ 5.00   | 1 @ 5.00 with 1, 1 filled, 1 @ 5.00 with 2, 2 filled, 4 filled
  ask 5.00 3:1
`,
);

test(
  'among bids at one price who came first trades first',
  plays,
  `
  1 ann buy 1 @ 5.00   | 1 open 1
  2 bob buy 1 @ 5.00   | 2 open 1
  3 cid buy 1 @ 5.00   | 3 open 1
  4 dan sell 2 @ 5.00  | 1 @ 5.00 with 1, 1 filled, 1 @ 5.00 with 2, 2 filled, 4 filled
  bid 5.00 3:1
`,
);

test(
  'a better price goes before an older order',
  plays,
  `
  1 ann sell 1 @ 5.02  | 1 open 1
  2 bob sell 1 @ 5.01  | 2 open 1
  3 cid sell 1 @ 5.00  | 3 open 1
  4 cid sell 1 @ 5.01  | 4 open 1
  ask 5.02 1:1
  ask 5.01 2:1 4:1
  ask 5.00 3:1
  5 dan buy 4 @ 5.02   | 1 @ 5.00 with 3, 3 filled, 1 @ 5.01 with 2, 2 filled, 1 @ 5.01 with 4, 4 filled, 1 @ 5.02 with 1, 1 filled, 5 filled
  empty
`,
);

test(
  'a higher bid goes before an older order',
  plays,
  `
  1 ann buy 1 @ 5.00   | 1 open 1
  2 bob buy 1 @ 5.02   | 2 open 1
  3 cid buy 1 @ 5.01   | 3 open 1
  4 dan sell 3 @ 5.00  | 1 @ 5.02 with 2, 2 filled, 1 @ 5.01 with 3, 3 filled, 1 @ 5.00 with 1, 1 filled, 4 filled
  empty
`,
);

test(
  'prices of different length sort as numbers',
  plays,
  `
  1 ann sell 1 @ 10.00  | 1 open 1
  2 bob sell 1 @ 9.00   | 2 open 1
  3 cid sell 1 @ 100.00 | 3 open 1
  ask 100.00 3:1
  ask 10.00 1:1
  ask 9.00 2:1
`,
);

test(
  'a partly filled order keeps the head of its queue',
  plays,
  `
  1 ann sell 3 @ 5.00  | 1 open 3
  2 bob sell 3 @ 5.00  | 2 open 3
  3 dan buy 1 @ 5.00   | 1 @ 5.00 with 1, 3 filled
  4 dan buy 3 @ 5.00   | 2 @ 5.00 with 1, 1 filled, 1 @ 5.00 with 2, 4 filled
  ask 5.00 2:2
`,
);

test(
  'canceling the head of a queue lets the next one trade',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 bob sell 2 @ 5.00  | 2 open 2
  3 cid sell 3 @ 5.00  | 3 open 3
  4 ann cancel 1       | 1 canceled 1
  ask 5.00 2:2 3:3
  5 dan buy 9 @ 5.00   | 2 @ 5.00 with 2, 2 filled, 3 @ 5.00 with 3, 3 filled, 5 open 4
  bid 5.00 5:4
`,
);

test(
  'canceling the middle of a queue passes over it',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 bob sell 2 @ 5.00  | 2 open 2
  3 cid sell 3 @ 5.00  | 3 open 3
  4 bob cancel 2       | 2 canceled 2
  5 dan buy 9 @ 5.00   | 1 @ 5.00 with 1, 1 filled, 3 @ 5.00 with 3, 3 filled, 5 open 5
  bid 5.00 5:5
`,
);

test(
  'canceling the tail of a queue ends it there, and a later order joins after',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 bob sell 2 @ 5.00  | 2 open 2
  3 cid sell 3 @ 5.00  | 3 open 3
  4 cid cancel 3       | 3 canceled 3
  5 ann sell 4 @ 5.00  | 5 open 4
  ask 5.00 1:1 2:2 5:4
  6 dan buy 9 @ 5.00   | 1 @ 5.00 with 1, 1 filled, 2 @ 5.00 with 2, 2 filled, 4 @ 5.00 with 5, 5 filled, 6 open 2
  bid 5.00 6:2
`,
);

test(
  'canceling all of a level uncovers the next one',
  plays,
  `
  1 ann buy 1 @ 5.00   | 1 open 1
  2 bob buy 1 @ 5.00   | 2 open 1
  3 cid buy 1 @ 4.90   | 3 open 1
  4 bob cancel 2       | 2 canceled 1
  5 ann cancel 1       | 1 canceled 1
  6 dan sell 1 @ 4.00  | 1 @ 4.90 with 3, 3 filled, 6 filled
  empty
`,
);

test(
  'a partly filled order that is canceled leaves with what remained',
  plays,
  `
  1 ann sell 5 @ 5.00  | 1 open 5
  2 bob buy 2 @ 5.00   | 2 @ 5.00 with 1, 2 filled
  3 ann cancel 1       | 1 canceled 3
  4 bob buy 3 @ 5.00   | 4 open 3
  bid 5.00 4:3
`,
);

test(
  'an order that came in again after a cancel has lost its place',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 bob sell 1 @ 5.00  | 2 open 1
  3 ann cancel 1       | 1 canceled 1
  4 ann sell 1 @ 5.00  | 4 open 1
  5 dan buy 1 @ 5.00   | 1 @ 5.00 with 2, 2 filled, 5 filled
  ask 5.00 4:1
`,
);

test(
  'a queue that empties and fills again starts anew',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 bob buy 1 @ 5.00   | 1 @ 5.00 with 1, 1 filled, 2 filled
  3 cid sell 1 @ 5.00  | 3 open 1
  4 cid cancel 3       | 3 canceled 1
  empty
  5 ann sell 2 @ 5.00  | 5 open 2
  ask 5.00 5:2
`,
);
