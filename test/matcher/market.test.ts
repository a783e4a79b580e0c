import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'a market order by size takes the best prices, whatever they are',
  plays,
  `
  1 ann sell 2 @ 5.00   | 1 open 2
  2 bob sell 2 @ 99.00  | 2 open 2
  3 cid buy 3           | 2 @ 5.00 with 1, 1 filled, 1 @ 99.00 with 2, 3 filled
  ask 99.00 2:1
`,
);

test(
  'a market sell order takes the highest bids',
  plays,
  `
  1 ann buy 2 @ 5.00   | 1 open 2
  2 bob buy 2 @ 0.01   | 2 open 2
  3 cid sell 3         | 2 @ 5.00 with 1, 1 filled, 1 @ 0.01 with 2, 3 filled
  bid 0.01 2:1
`,
);

test(
  'a market order never rests',
  plays,
  `
  1 ann sell 2 @ 5.00  | 1 open 2
  2 cid buy 3          | 2 @ 5.00 with 1, 1 filled, 2 no_liquidity 1
  3 cid buy 3          | 3 no_liquidity 3
  4 cid sell 3         | 4 no_liquidity 3
  5 cid buy for 3.00   | 5 no_liquidity
  empty
`,
);

test(
  'a market order that fills exactly as the book ends is filled',
  plays,
  `
  1 ann sell 2 @ 5.00  | 1 open 2
  2 bob buy 2          | 2 @ 5.00 with 1, 1 filled, 2 filled
  empty
`,
);

test(
  'a market order by funds ends on the fraction that buys no further lot',
  plays,
  `
  1 ann sell 5 @ 3.00       | 1 open 5
  2 bob buy for 10.00       | 3 @ 3.00 with 1, 2 filled
  ask 3.00 1:2
`,
);

test(
  'funds are spent through the levels and end at the first lot they do not buy',
  plays,
  `
  1 ann sell 1 @ 3.00   | 1 open 1
  2 ann sell 1 @ 4.00   | 2 open 1
  3 ann sell 9 @ 5.00   | 3 open 9
  4 bob buy for 17.99   | 1 @ 3.00 with 1, 1 filled, 1 @ 4.00 with 2, 2 filled, 2 @ 5.00 with 3, 4 filled
  ask 5.00 3:7
`,
);

test(
  'funds that buy the last order of a book to the cent are filled',
  plays,
  `
  1 ann sell 2 @ 5.00   | 1 open 2
  2 bob buy for 10.00   | 2 @ 5.00 with 1, 1 filled, 2 filled
  empty
`,
);

test(
  'funds left when the book ends make it no liquidity',
  plays,
  `
  1 ann sell 2 @ 5.00   | 1 open 2
  2 bob buy for 10.01   | 2 @ 5.00 with 1, 1 filled, 2 no_liquidity
  empty
`,
);

test(
  'funds that do not buy one lot at the best price trade nothing',
  plays,
  `
  1 ann sell 2 @ 5.00   | 1 open 2
  2 bob buy for 4.99    | 2 no_liquidity
  ask 5.00 1:2
`,
);

test(
  'a market sell order by funds sells until the proceeds reach them',
  plays,
  `
  1 ann buy 3 @ 3.00    | 1 open 3
  2 bob buy 9 @ 2.00    | 2 open 9
  3 cid sell for 14.50  | 3 @ 3.00 with 1, 1 filled, 2 @ 2.00 with 2, 3 filled
  bid 2.00 2:7
`,
);

test(
  'with size and funds the size may bind first',
  plays,
  `
  1 ann sell 5 @ 3.00      | 1 open 5
  2 bob buy 2 for 100.00   | 2 @ 3.00 with 1, 2 filled
  ask 3.00 1:3
`,
);

test(
  'with size and funds the funds may bind first, and the size stays unfilled',
  plays,
  `
  1 ann sell 5 @ 3.00     | 1 open 5
  2 bob buy 5 for 10.00   | 3 @ 3.00 with 1, 2 filled 2
  3 bob buy 5 for 2.99    | 3 no_liquidity 5
  ask 3.00 1:2
`,
);

test(
  'with size and funds the book may end first',
  plays,
  `
  1 ann sell 1 @ 3.00     | 1 open 1
  2 bob buy 5 for 10.00   | 1 @ 3.00 with 1, 1 filled, 2 no_liquidity 4
  empty
`,
);

test(
  'funds near 2^53 buy exactly the lots they pay for',
  plays,
  `
  1 ann sell 9007199254740991 @ 0.03   | 1 open 9007199254740991
  2 bob buy for 90071992547409.91      | 3002399751580330 @ 0.03 with 1, 2 filled
  ask 0.03 1:6004799503160661
`,
);
