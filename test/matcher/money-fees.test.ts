import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();
const rich = 'ann 100000 USD, bob 100000 USD, ann 1000 CARD, bob 1000 CARD';

test(
  'both sides pay in the quote currency, each at its own rate, the seller from what it is paid',
  plays,
  `
  1 product A-USD online maker_fee 10000 taker_fee 20000 | ok
  2 bob sell 5 @ 1.00   | 2 open 5, bob 995+5 CARD
  3 ann buy 5 @ 1.00    | 5 @ 1.00 with 2 for 5 and 10, 2 filled, 3 filled, ann 99490 USD, bob 100495 USD, bob 995 CARD, ann 1005 CARD, fees 15 USD
`,
  { purse: rich },
);

test(
  'an order holds its fee at the higher rate as it comes, and at the maker rate once it rests',
  plays,
  `
  1 product A-USD online maker_fee 10000 taker_fee 20000 | ok
  2 ann buy 10 @ 1.00  | 2 open 10, ann 98990+1010 USD
  3 ann amend 2 to 4   | 2 amended 4 @ 1.00 left 4 kept, ann 99596+404 USD
  4 ann amend 2 @ 2.00 | 2 amended 4 @ 2.00 left 4 moved, 2 open 4, ann 99192+808 USD
  5 ann cancel 2       | 2 canceled 4, ann 100000 USD
`,
  { purse: rich },
);

test(
  'an order is taken if its trader has what it may cost, and not if a unit of it is missing',
  plays,
  `
  1 product A-USD online maker_fee 10000 taker_fee 20000 | ok
  2 ann buy 1 @ 1.00      | refused insufficient_funds
  3 ann buy 1 @ 1.00 post | 3 open 1, ann 0+101 USD
  4 bob buy 1 @ 1.00 ioc  | 4 time_in_force 1, bob 102 USD
  5 bob buy 1 @ 1.00      | 5 open 1, bob 1+101 USD
`,
  { purse: 'ann 101 USD, bob 102 USD' },
);

test(
  'the fees of an order are rounded up once, however it is cut',
  plays,
  `
  1 product A-USD online maker_fee 4000 | ok
  2 ann buy 4 @ 1.00    | 2 open 4, ann 99598+402 USD
  3 bob sell 1 @ 1.00   | 1 @ 1.00 with 2 for 1 and 0, 3 filled, bob 999 CARD, ann 99598+301 USD, bob 100100 USD, ann 1001 CARD, fees 1 USD
  4 bob sell 1 @ 1.00   | 1 @ 1.00 with 2 for 0 and 0, 4 filled, bob 998 CARD, ann 99598+201 USD, bob 100200 USD, ann 1002 CARD
  5 bob sell 1 @ 1.00   | 1 @ 1.00 with 2 for 1 and 0, 5 filled, bob 997 CARD, ann 99598+100 USD, bob 100300 USD, ann 1003 CARD, fees 2 USD
  6 bob sell 1 @ 1.00   | 1 @ 1.00 with 2 for 0 and 0, 2 filled, 6 filled, bob 996 CARD, ann 99598 USD, bob 100400 USD, ann 1004 CARD
`,
  { purse: rich },
);

test(
  'what an order paid too much as a taker counts when it rests, also after an amend',
  plays,
  `
  1 product A-USD online maker_fee 4000 taker_fee 4000 | ok
  2 bob sell 1 @ 1.00   | 2 open 1, bob 999+1 CARD
  3 ann buy 3 @ 1.00    | 1 @ 1.00 with 2 for 1 and 1, 2 filled, 3 open 2, ann 99698+201 USD, bob 100099 USD, bob 999 CARD, ann 1001 CARD, fees 2 USD
  4 ann amend 3 to 2    | 3 amended 2 @ 1.00 left 1 kept, ann 99799+100 USD
  5 ann amend 3 @ 1.10  | 3 amended 2 @ 1.10 left 1 moved, 3 open 1, ann 99789+110 USD
  6 bob sell 1          | 1 @ 1.10 with 3 for 0 and 1, 3 filled, 6 filled, bob 998 CARD, ann 99789 USD, bob 100208 USD, ann 1002 CARD, fees 3 USD
`,
  { purse: rich },
);

test(
  'a fee may take all that a trade of one unit brings',
  plays,
  `
  1 product A-USD online maker_fee 1 taker_fee 1 | ok
  2 bob sell 1 @ 0.01   | 2 open 1, bob 999+1 CARD
  3 ann buy 1 @ 0.01    | 1 @ 0.01 with 2 for 1 and 1, 2 filled, 3 filled, ann 99998 USD, bob 100000 USD, bob 999 CARD, ann 1001 CARD, fees 2 USD
`,
  { purse: rich },
);

test(
  'a resting order keeps the rates at which it came; a moved one and those that come in have the new ones',
  plays,
  `
  1 product A-USD online maker_fee 10000                 | ok
  2 ann buy 1 @ 1.00                                     | 2 open 1, ann 99899+101 USD
  3 ann buy 1 @ 1.00                                     | 3 open 1, ann 99798+202 USD
  4 product A-USD online maker_fee 30000 taker_fee 50000 | ok
  5 ann amend 3 @ 2.00                                   | 3 amended 1 @ 2.00 left 1 moved, 3 open 1, ann 99693+307 USD
  6 bob sell 2 @ 1.00                                    | 1 @ 2.00 with 3 for 6 and 10, 3 filled, 1 @ 1.00 with 2 for 1 and 5, 2 filled, 6 filled, bob 998 CARD, ann 99693 USD, bob 100285 USD, ann 1002 CARD, fees 22 USD
  7 product A-USD online                                 | ok
  8 bob sell 1 @ 1.00                                    | 8 open 1, bob 997+1 CARD
  9 ann buy 1 @ 1.00                                     | 1 @ 1.00 with 8, 8 filled, 9 filled, ann 99593 USD, bob 100385 USD, bob 997 CARD, ann 1003 CARD
`,
  { purse: rich },
);

test(
  'an order that keeps a rate and is moved when there is none holds no fee any more',
  plays,
  `
  1 product A-USD online maker_fee 10000 | ok
  2 ann buy 1 @ 1.00                     | 2 open 1, ann 99899+101 USD
  3 product A-USD online                 | ok
  4 ann amend 2 @ 2.00                   | 2 amended 1 @ 2.00 left 1 moved, 2 open 1, ann 99800+200 USD
`,
  { purse: rich },
);

test(
  'the funds of a market buy are for its fee as well',
  plays,
  `
  1 product A-USD online taker_fee 10000 | ok
  2 bob sell 9 @ 1.00   | 2 open 9, bob 991+9 CARD
  3 ann buy for 3.02    | 2 @ 1.00 with 2 for 0 and 2, 3 filled, ann 99798 USD, bob 100200 USD, bob 991+7 CARD, ann 1002 CARD, fees 2 USD
  4 ann buy for 3.03    | 3 @ 1.00 with 2 for 0 and 3, 4 filled, ann 99495 USD, bob 100500 USD, bob 991+4 CARD, ann 1005 CARD, fees 5 USD
  5 ann buy for 0.01    | 5 no_liquidity, ann 99495 USD
`,
  { purse: rich },
);

test(
  'a market buy by size needs what the book asks for it and the fee of that, and not a unit less',
  plays,
  `
  1 product A-USD online taker_fee 10000 | ok
  2 bob sell 2 @ 1.00   | 2 open 2, bob 8+2 CARD
  3 cid buy 2           | refused insufficient_funds
  4 ann buy 2           | 2 @ 1.00 with 2 for 0 and 2, 2 filled, 4 filled, ann 0 USD, bob 200 USD, bob 8 CARD, ann 2 CARD, fees 2 USD
`,
  { purse: 'ann 202 USD, cid 201 USD, bob 10 CARD' },
);

test(
  'self-trade prevention releases what the smaller order held for fees, and a trade with oneself pays them twice',
  plays,
  `
  1 product A-USD online maker_fee 10000 taker_fee 20000 | ok
  2 ann buy 5 @ 1.00     | 2 open 5, ann 99495+505 USD
  3 ann sell 2 @ 1.00 dc | 2 self_trade 3 @ 1.00 left 3 kept, 3 self_trade 2, ann 1000 CARD, ann 99697+303 USD
  4 ann sell 1 @ 1.00    | 1 @ 1.00 with 2 for 1 and 2, 4 filled, ann 1000 CARD, ann 99795+202 USD, fees 3 USD
`,
  { purse: rich },
);

test(
  'a product that touches no account has no fees',
  plays,
  `
  1 product B-USD online maker_fee 10000 taker_fee 20000 | ok
  2 bob sell 5 @ 1.00 in B-USD   | 2 open 5
  3 ann buy 5 @ 1.00 in B-USD    | 5 @ 1.00 with 2, 2 filled, 3 filled
`,
);

test(
  'fees are moved out of their account like any money',
  plays,
  `
  1 product A-USD online taker_fee 20000 | ok
  2 bob sell 5 @ 1.00          | 2 open 5, bob 995+5 CARD
  3 ann buy 5 @ 1.00           | 5 @ 1.00 with 2 for 0 and 10, 2 filled, 3 filled, ann 99490 USD, bob 100500 USD, bob 995 CARD, ann 1005 CARD, fees 10 USD
  4 fees transfer 11 USD to bob | refused insufficient_funds
  5 fees transfer 4 USD to bob | ok, fees 6 USD, bob 100504 USD
  6 fees withdraw 6 USD        | ok, fees 0 USD, system -199994 USD
`,
  { purse: rich },
);

test(
  'a stop order keeps the rates at which it was placed, and holds the higher one',
  plays,
  `
  1 product A-USD online maker_fee 10000 taker_fee 20000 | ok
  2 ann buy 2 @ 1.10 entry 1.05                          | 2 waits for 1.05, ann 99775+225 USD
  3 product A-USD online maker_fee 50000 taker_fee 50000 | ok
  4 bob sell 2 @ 1.05                                    | 4 open 2, bob 998+2 CARD
  5 bob buy 1 @ 1.05                                     | 1 @ 1.05 with 4 for 6 and 6, 5 filled, 2 triggered, 1 @ 1.05 with 4 for 5 and 3, 4 filled, 2 open 1, bob 100088 USD, bob 999 CARD, fees 20 USD, ann 99781+111 USD, ann 1001 CARD
`,
  { purse: rich },
);
