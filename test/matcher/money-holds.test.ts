import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'a buy holds its price for every lot, and all that is available is enough',
  plays,
  `
  1 ann buy 4 @ 0.26  | refused insufficient_funds
  2 ann buy 4 @ 0.25  | 2 open 4, ann 0+100 USD
  3 ann buy 1 @ 0.01  | refused insufficient_funds
  bid 0.25 2:4
`,
  { purse: 'ann 100 USD' },
);

test(
  'a sell holds its lots, whatever its price',
  plays,
  `
  1 ann sell 8 @ 0.01  | refused insufficient_funds
  2 ann sell 7 @ 9.00  | 2 open 7, ann 0+7 CARD
  3 ann sell 1 @ 0.01  | refused insufficient_funds
`,
  { purse: 'ann 7 CARD' },
);

test(
  'lots and quote units are counted in units of their currencies',
  plays,
  `
  1 ann buy 2 @ 0.03   | 1 open 2, ann 1+42 USD
  2 bob sell 1 @ 0.03  | 1 @ 0.03 with 1, 2 filled, bob 1 CARD, ann 1+21 USD, bob 21 USD, ann 5 CARD
  3 bob sell 1 @ 0.03  | refused insufficient_funds
`,
  {
    purse: 'ann 43 USD, bob 6 CARD',
    funding: { baseCurrency: 'CARD', baseUnits: 5, quoteCurrency: 'USD', quoteUnits: 7 },
  },
);

test(
  'funds of the other currency, or of another trader, do not help',
  plays,
  `
  1 ann buy 1 @ 0.01   | refused insufficient_funds
  2 bob sell 1 @ 0.01  | refused insufficient_funds
  3 cid buy 1 @ 0.01   | refused insufficient_funds
`,
  { purse: 'ann 9 CARD, bob 9 USD' },
);

test(
  'what a trade brings is there for the next order at once, and what is on hold is not',
  plays,
  `
  1 ann buy 2 @ 0.50   | 1 open 2, ann 0+100 USD
  2 bob sell 1 @ 0.50  | 1 @ 0.50 with 1, 2 filled, bob 0 CARD, ann 0+50 USD, bob 50 USD, ann 1 CARD
  3 ann sell 1 @ 0.60  | 3 open 1, ann 0+1 CARD
  4 ann sell 1 @ 0.60  | refused insufficient_funds
  5 bob buy 1 @ 0.50   | 5 open 1, bob 0+50 USD
`,
  { purse: 'ann 100 USD, bob 1 CARD' },
);

test(
  'a better price than the limit releases the difference',
  plays,
  `
  1 bob sell 2 @ 0.30  | 1 open 2, bob 8+2 CARD
  2 ann buy 2 @ 0.50   | 2 @ 0.30 with 1, 1 filled, 2 filled, ann 40 USD, bob 60 USD, bob 8 CARD, ann 2 CARD
`,
  { purse: 'ann 100 USD, bob 10 CARD' },
);

test(
  'a taker that fills in part holds what its remainder may cost at its own price',
  plays,
  `
  1 bob sell 2 @ 0.30  | 1 open 2, bob 8+2 CARD
  2 ann buy 5 @ 0.40   | 2 @ 0.30 with 1, 1 filled, 2 open 3, ann 20+120 USD, bob 60 USD, bob 8 CARD, ann 2 CARD
  3 cid sell 1 @ 0.35  | 1 @ 0.40 with 2, 3 filled, cid 0 CARD, ann 20+80 USD, cid 40 USD, ann 3 CARD
  4 ann cancel 2       | 2 canceled 2, ann 100 USD
`,
  { purse: 'ann 200 USD, bob 10 CARD, cid 1 CARD' },
);

test(
  'a selling taker gets the makers’ prices, and its remainder holds its lots',
  plays,
  `
  1 ann buy 2 @ 0.30   | 1 open 2, ann 40+60 USD
  2 cid buy 1 @ 0.25   | 2 open 1, cid 0+25 USD
  3 bob sell 4 @ 0.20  | 2 @ 0.30 with 1, 1 filled, 1 @ 0.25 with 2, 2 filled, 3 open 1, bob 1+1 CARD, ann 40 USD, bob 85 USD, ann 2 CARD, cid 0 USD, cid 1 CARD
  4 bob cancel 3       | 3 canceled 1, bob 2 CARD
`,
  { purse: 'ann 100 USD, bob 5 CARD, cid 25 USD' },
);

test(
  'an order that would never cost its hold is refused without it all the same',
  plays,
  `
  1 bob sell 1 @ 0.10      | 1 open 1, bob 0+1 CARD
  2 ann buy 1 @ 0.51       | refused insufficient_funds
  3 ann buy 1 @ 0.51 ioc   | refused insufficient_funds
  4 ann buy 9 @ 0.10 fok   | refused insufficient_funds
  ask 0.10 1:1
`,
  { purse: 'ann 50 USD, bob 1 CARD' },
);

test(
  'IOC releases what it did not trade',
  plays,
  `
  1 bob sell 2 @ 0.10      | 1 open 2, bob 0+2 CARD
  2 ann buy 5 @ 0.10 ioc   | 2 @ 0.10 with 1, 1 filled, 2 time_in_force 3, ann 30 USD, bob 20 USD, bob 0 CARD, ann 2 CARD
  3 ann buy 3 @ 0.10 ioc   | 3 time_in_force 3, ann 30 USD
  4 ann sell 2 @ 0.10 ioc  | 4 time_in_force 2, ann 2 CARD
`,
  { purse: 'ann 50 USD, bob 2 CARD' },
);

test(
  'FOK that cannot fill holds nothing, and one that fills pays the makers’ prices',
  plays,
  `
  1 bob sell 2 @ 0.10      | 1 open 2, bob 0+2 CARD
  2 ann buy 3 @ 0.15 fok   | 2 time_in_force 3, ann 50 USD
  3 ann buy 2 @ 0.15 fok   | 2 @ 0.10 with 1, 1 filled, 3 filled, ann 30 USD, bob 20 USD, bob 0 CARD, ann 2 CARD
`,
  { purse: 'ann 50 USD, bob 2 CARD' },
);

test(
  'a post-only order that would trade is refused for that before its funds are looked at',
  plays,
  `
  1 bob sell 1 @ 0.10       | 1 open 1, bob 0+1 CARD
  2 ann buy 9 @ 0.10 post   | refused post_only
  3 ann buy 9 @ 0.09 post   | refused insufficient_funds
  4 ann buy 1 @ 0.09 post   | 4 open 1, ann 1+9 USD
`,
  { purse: 'ann 10 USD, bob 1 CARD' },
);

test(
  'every other reason comes before a lack of funds',
  plays,
  `
  1 ann buy 1 @ 0.10            | 1 open 1, ann 0+10 USD
  2 bob buy 1 @ 0.10 in C-USD   | refused product_not_found
  3 product A-USD cancel_only   | ok
  4 bob buy 1 @ 0.10            | refused cancel_only
  5 ann amend 1 to 9            | refused cancel_only
  6 product A-USD offline       | ok
  7 bob buy 1 @ 0.10            | refused offline
  8 ann cancel 1                | refused offline
  9 product A-USD cancel_only   | ok
  10 ann cancel 1               | 1 canceled 1, ann 10 USD
`,
  { purse: 'ann 10 USD' },
);

test(
  'a cancel releases all that is left on hold, to the last unit',
  plays,
  `
  1 ann buy 3 @ 0.11   | 1 open 3, ann 0+33 USD
  2 bob sell 1 @ 0.11  | 1 @ 0.11 with 1, 2 filled, bob 4 CARD, ann 0+22 USD, bob 11 USD, ann 1 CARD
  3 bob cancel 1       | refused order_not_resting
  4 ann cancel 1       | 1 canceled 2, ann 22 USD
  5 bob sell 4 @ 0.90  | 5 open 4, bob 0+4 CARD
  6 bob cancel 5       | 5 canceled 4, bob 4 CARD
  7 bob cancel 5       | refused order_not_resting
`,
  { purse: 'ann 33 USD, bob 5 CARD' },
);

test(
  'a product that is not funded needs no money and touches no account',
  plays,
  `
  1 cid sell 9 @ 9.00 in B-USD  | 1 open 9
  2 ann buy 5 @ 9.00 in B-USD   | 5 @ 9.00 with 1, 2 filled
  3 cid amend 1 @ 8.00          | 1 amended 9 @ 8.00 left 4 moved, 1 open 4
  4 cid buy 9 co in B-USD       | 1 self_trade 4, 4 no_liquidity 9
  5 ann buy 1 @ 0.02            | refused insufficient_funds
  6 ann buy 1 @ 0.01            | 6 open 1, ann 0+1 USD
`,
  { purse: 'ann 1 USD' },
);
