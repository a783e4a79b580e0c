import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'the flag of the incoming order decides, that of the resting order does not',
  plays,
  `
  1 ann sell 1 @ 5.00 cb  | 1 open 1
  2 ann buy 1 @ 5.00      | 1 @ 5.00 with 1, 1 filled, 2 filled
  empty
`,
);

test(
  'a flag does not hinder trades with others',
  plays,
  `
  1 ann sell 2 @ 5.00     | 1 open 2
  2 bob buy 1 @ 5.00 cb   | 1 @ 5.00 with 1, 2 filled
  3 cid buy 1 @ 5.00 cn   | 1 @ 5.00 with 1, 1 filled, 3 filled
  empty
`,
);

test(
  'own orders that do not cross stay as they are',
  plays,
  `
  1 ann sell 2 @ 5.00    | 1 open 2
  2 ann buy 1 @ 4.99 cb  | 2 open 1
  ask 5.00 1:2
  bid 4.99 2:1
`,
);

test(
  'co cancels the own head and goes on',
  plays,
  `
  1 ann sell 2 @ 5.00    | 1 open 2
  2 bob sell 2 @ 5.00    | 2 open 2
  3 ann buy 3 @ 5.00 co  | 1 self_trade 2, 2 @ 5.00 with 2, 2 filled, 3 open 1
  bid 5.00 3:1
`,
);

test(
  'co cancels the own order in the middle and goes on to the next level',
  plays,
  `
  1 bob sell 1 @ 5.00    | 1 open 1
  2 ann sell 2 @ 5.00    | 2 open 2
  3 cid sell 3 @ 5.01    | 3 open 3
  4 ann buy 3 @ 5.01 co  | 1 @ 5.00 with 1, 1 filled, 2 self_trade 2, 2 @ 5.01 with 3, 4 filled
  ask 5.01 3:1
`,
);

test(
  'co that meets only own orders rests',
  plays,
  `
  1 ann sell 2 @ 5.00    | 1 open 2
  2 ann sell 2 @ 5.01    | 2 open 2
  3 ann buy 1 @ 5.01 co  | 1 self_trade 2, 2 self_trade 2, 3 open 1
  bid 5.01 3:1
`,
);

test(
  'cn cancels the incoming order at the own head',
  plays,
  `
  1 ann sell 2 @ 5.00    | 1 open 2
  2 bob sell 2 @ 5.00    | 2 open 2
  3 ann buy 3 @ 5.00 cn  | 3 self_trade 3
  ask 5.00 1:2 2:2
`,
);

test(
  'cn trades up to the own order in the middle and ends there',
  plays,
  `
  1 bob sell 1 @ 5.00    | 1 open 1
  2 ann sell 2 @ 5.00    | 2 open 2
  3 cid sell 3 @ 5.00    | 3 open 3
  4 ann buy 3 @ 5.00 cn  | 1 @ 5.00 with 1, 1 filled, 4 self_trade 2
  ask 5.00 2:2 3:3
`,
);

test(
  'cb cancels the own head and the incoming order',
  plays,
  `
  1 ann sell 2 @ 5.00    | 1 open 2
  2 bob sell 2 @ 5.00    | 2 open 2
  3 ann buy 3 @ 5.00 cb  | 1 self_trade 2, 3 self_trade 3
  ask 5.00 2:2
`,
);

test(
  'cb trades up to the own order in the middle and cancels both',
  plays,
  `
  1 bob buy 1 @ 5.00      | 1 open 1
  2 ann buy 2 @ 5.00      | 2 open 2
  3 cid buy 3 @ 5.00      | 3 open 3
  4 ann sell 3 @ 5.00 cb  | 1 @ 5.00 with 1, 1 filled, 2 self_trade 2, 4 self_trade 2
  bid 5.00 3:3
`,
);

test(
  'dc cancels the smaller resting order and reduces the incoming one by it',
  plays,
  `
  1 ann sell 2 @ 5.00    | 1 open 2
  2 bob sell 2 @ 5.00    | 2 open 2
  3 ann buy 5 @ 5.00 dc  | 1 self_trade 2, 3 self_trade 3 @ 5.00 left 3 kept, 2 @ 5.00 with 2, 2 filled, 3 open 1
  bid 5.00 3:1
`,
);

test(
  'dc cancels the smaller incoming order and reduces the resting one, which keeps its place',
  plays,
  `
  1 ann sell 5 @ 5.00    | 1 open 5
  2 bob sell 2 @ 5.00    | 2 open 2
  3 ann buy 2 @ 5.00 dc  | 1 self_trade 3 @ 5.00 left 3 kept, 3 self_trade 2
  ask 5.00 1:3 2:2
`,
);

test(
  'dc cancels both orders of equal size',
  plays,
  `
  1 bob sell 1 @ 5.00    | 1 open 1
  2 ann sell 2 @ 5.00    | 2 open 2
  3 ann buy 3 @ 5.00 dc  | 1 @ 5.00 with 1, 1 filled, 2 self_trade 2, 3 self_trade 2
  empty
`,
);

test(
  'dc compares what remains, not what was ordered',
  plays,
  `
  1 ann sell 5 @ 5.00    | 1 open 5
  2 bob buy 4 @ 5.00     | 4 @ 5.00 with 1, 2 filled
  3 ann buy 2 @ 5.00 dc  | 1 self_trade 1, 3 self_trade 1 @ 5.00 left 1 kept, 3 open 1
  bid 5.00 3:1
  4 bob buy 3 @ 4.00     | 4 open 3
  5 cid sell 3 @ 4.00    | 1 @ 5.00 with 3, 3 filled, 2 @ 4.00 with 4, 5 filled
  6 bob sell 1 @ 4.00 dc | 4 self_trade 1, 6 self_trade 1
  empty
`,
);

test(
  'dc of a partly filled resting order takes from its total what it takes from its rest',
  plays,
  `
  1 ann sell 5 @ 5.00    | 1 open 5
  2 bob buy 1 @ 5.00     | 1 @ 5.00 with 1, 2 filled
  3 ann buy 3 @ 5.00 dc  | 1 self_trade 2 @ 5.00 left 1 kept, 3 self_trade 3
  4 ann amend 1 to 3     | 1 amended 3 @ 5.00 left 2 moved, 1 open 2
  ask 5.00 1:2
`,
);

test(
  'dc reduces funds by the price of what it canceled',
  plays,
  `
  1 ann sell 2 @ 5.00       | 1 open 2
  2 bob sell 9 @ 6.00       | 2 open 9
  3 ann buy for 30.00 dc    | 1 self_trade 2, 3 @ 6.00 with 2, 3 filled
  ask 6.00 2:6
`,
);

test(
  'dc reduces size and funds of an order that has both',
  plays,
  `
  1 ann sell 2 @ 5.00       | 1 open 2
  2 bob sell 9 @ 6.00       | 2 open 9
  3 ann buy 4 for 99.00 dc  | 1 self_trade 2, 3 self_trade 2 @ market left 2 kept, 2 @ 6.00 with 2, 3 filled
  ask 6.00 2:7
`,
);

test(
  'dc counts only the lots that the funds buy',
  plays,
  `
  1 ann sell 4 @ 5.00        | 1 open 4
  2 ann buy 9 for 17.00 dc   | 1 self_trade 1 @ 5.00 left 1 kept, 2 self_trade 9
  3 ann buy for 5.99 dc      | 1 self_trade 1, 3 self_trade
  empty
`,
);

test(
  'a market order that has canceled its own side of the book finds no liquidity',
  plays,
  `
  1 ann sell 1 @ 5.00  | 1 open 1
  2 ann buy 3 co       | 1 self_trade 1, 2 no_liquidity 3
  3 ann sell 1 @ 5.00  | 3 open 1
  4 ann buy 3 dc       | 3 self_trade 1, 4 self_trade 2 @ market left 2 kept, 4 no_liquidity 2
  empty
`,
);

test(
  'FOK with a flag counts only what rests before the first own order',
  plays,
  `
  1 bob sell 2 @ 5.00        | 1 open 2
  2 ann sell 2 @ 5.00        | 2 open 2
  3 cid sell 9 @ 5.00        | 3 open 9
  4 ann buy 3 @ 5.00 fok co  | 4 time_in_force 3
  5 ann buy 3 @ 5.00 fok dc  | 5 time_in_force 3
  6 ann buy 3 @ 5.00 fok cn  | 6 time_in_force 3
  7 ann buy 3 @ 5.00 fok cb  | 7 time_in_force 3
  ask 5.00 1:2 2:2 3:9
  8 ann buy 2 @ 5.00 fok cb  | 2 @ 5.00 with 1, 1 filled, 8 filled
  9 ann buy 3 @ 5.00 fok     | 2 @ 5.00 with 2, 2 filled, 1 @ 5.00 with 3, 9 filled
  ask 5.00 3:8
`,
);

test(
  'IOC with a flag ends for the flag or for its time in force, whichever comes first',
  plays,
  `
  1 ann sell 2 @ 5.00        | 1 open 2
  2 ann buy 3 @ 5.00 ioc cn  | 2 self_trade 3
  3 ann buy 3 @ 5.00 ioc co  | 1 self_trade 2, 3 time_in_force 3
  empty
`,
);
