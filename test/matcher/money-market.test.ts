import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'a market buy by funds holds its funds and releases what bought nothing',
  plays,
  `
  1 bob sell 9 @ 0.30  | 1 open 9, bob 0+9 CARD
  2 ann buy for 1.01   | refused insufficient_funds
  3 ann buy for 1.00   | 3 @ 0.30 with 1, 3 filled, ann 10 USD, bob 90 USD, bob 0+6 CARD, ann 3 CARD
  4 ann buy for 0.10   | 4 no_liquidity, ann 10 USD
`,
  { purse: 'ann 100 USD, bob 9 CARD' },
);

test(
  'a market buy by funds and size holds its funds, even if its size costs less',
  plays,
  `
  1 bob sell 9 @ 0.30    | 1 open 9, bob 0+9 CARD
  2 ann buy 1 for 1.01   | refused insufficient_funds
  3 ann buy 1 for 1.00   | 1 @ 0.30 with 1, 3 filled, ann 70 USD, bob 30 USD, bob 0+8 CARD, ann 1 CARD
`,
  { purse: 'ann 100 USD, bob 9 CARD' },
);

test(
  'a market sell holds its size, even if the book takes less',
  plays,
  `
  1 ann buy 2 @ 0.30  | 1 open 2, ann 40+60 USD
  2 bob sell 6        | refused insufficient_funds
  3 bob sell 5        | 2 @ 0.30 with 1, 1 filled, 3 no_liquidity 3, bob 3 CARD, ann 40 USD, bob 60 USD, ann 2 CARD
  4 bob sell 3        | 4 no_liquidity 3, bob 3 CARD
`,
  { purse: 'ann 100 USD, bob 5 CARD' },
);

test(
  'a market buy by size needs exactly what the book asks for it',
  plays,
  `
  1 bob sell 2 @ 0.30            | 1 open 2, bob 7+2 CARD
  2 bob sell 5 @ 0.35            | 2 open 5, bob 2+7 CARD
  3 ann buy 4                    | refused insufficient_funds
  4 system transfer 1 USD to ann | ok, system -130 USD, ann 130 USD
  5 ann buy 4                    | 2 @ 0.30 with 1, 1 filled, 2 @ 0.35 with 2, 5 filled, ann 0 USD, bob 130 USD, bob 2+3 CARD, ann 4 CARD
`,
  { purse: 'ann 129 USD, bob 9 CARD' },
);

test(
  'a market buy by size is bounded by what is there: the rest finds no liquidity',
  plays,
  `
  1 bob sell 2 @ 0.30  | 1 open 2, bob 0+2 CARD
  2 ann buy 900        | 2 @ 0.30 with 1, 1 filled, 2 no_liquidity 898, ann 0 USD, bob 60 USD, bob 0 CARD, ann 2 CARD
  3 cid buy 900        | 3 no_liquidity 900
`,
  { purse: 'ann 60 USD, bob 2 CARD' },
);

test(
  'a market sell for funds needs the lots that they pay for, and no more',
  plays,
  `
  1 ann buy 2 @ 0.30     | 1 open 2, ann 140+60 USD
  2 ann buy 9 @ 0.10     | 2 open 9, ann 50+150 USD
  3 bob sell for 0.95    | refused insufficient_funds
  4 bob sell for 0.80    | 2 @ 0.30 with 1, 1 filled, 2 @ 0.10 with 2, 4 filled, bob 0 CARD, ann 50+70 USD, bob 80 USD, ann 4 CARD
  5 bob sell 1 for 0.80  | refused insufficient_funds
  6 bob sell for 0.09    | 6 no_liquidity
`,
  { purse: 'ann 200 USD, bob 4 CARD' },
);

test(
  'a market sell for funds ends at a bid that they do not pay a lot of, so bids below it are not counted',
  plays,
  `
  1 ann buy 3 @ 0.30   | 1 open 3, ann 20+90 USD
  2 ann buy 9 @ 0.01   | 2 open 9, ann 11+99 USD
  3 bob sell for 0.70  | 2 @ 0.30 with 1, 3 filled, bob 0 CARD, ann 11+39 USD, bob 60 USD, ann 2 CARD
`,
  { purse: 'ann 110 USD, bob 2 CARD' },
);

test(
  'a market sell for less than its own best bid asks ends there, and needs nothing',
  plays,
  `
  1 bob buy 1 @ 0.30      | 1 open 1, bob 0+30 USD
  2 ann buy 9 @ 0.05      | 2 open 9, ann 5+45 USD
  3 bob sell for 0.20 co  | 3 no_liquidity
`,
  { purse: 'ann 50 USD, bob 30 USD' },
);

test(
  'a market sell by size and funds needs no more lots than its funds take',
  plays,
  `
  1 ann buy 9 @ 0.30    | 1 open 9, ann 30+270 USD
  2 bob sell 5 for 0.60 | refused insufficient_funds
  3 bob sell 5 for 0.59 | 1 @ 0.30 with 1, 3 filled 4, bob 0 CARD, ann 30+240 USD, bob 30 USD, ann 1 CARD
`,
  { purse: 'ann 300 USD, bob 1 CARD' },
);

test(
  'a market sell for funds with dc ends at an own bid as large as they pay for, and needs nothing for those below',
  plays,
  `
  1 bob buy 1 @ 0.30      | 1 open 1, bob 0+30 USD
  2 ann buy 9 @ 0.05      | 2 open 9, ann 5+45 USD
  3 bob sell for 0.40 dc  | 1 self_trade 1, 3 self_trade, bob 30 USD
`,
  { purse: 'ann 50 USD, bob 30 USD' },
);

test(
  'a market buy by size does not pay for its trader’s own orders that co takes away',
  plays,
  `
  1 ann sell 5 @ 0.10  | 1 open 5, ann 0+5 CARD
  2 bob sell 5 @ 0.20  | 2 open 5, bob 0+5 CARD
  3 ann buy 3 co       | refused insufficient_funds
  4 ann buy 2 co       | 1 self_trade 5, 2 @ 0.20 with 2, 4 filled, ann 0 USD, ann 7 CARD, bob 40 USD, bob 0+3 CARD
`,
  { purse: 'ann 40 USD, ann 5 CARD, bob 5 CARD' },
);

test(
  'a market buy by size without prevention pays itself, and needs the money to do so',
  plays,
  `
  1 ann sell 5 @ 0.10  | 1 open 5, ann 0+5 CARD
  2 ann buy 5          | refused insufficient_funds
  3 ann buy 4          | 4 @ 0.10 with 1, 3 filled, ann 49 USD, ann 4+1 CARD
`,
  { purse: 'ann 49 USD, ann 5 CARD' },
);

test(
  'a market buy by size with dc is smaller by its own orders, which cost nothing',
  plays,
  `
  1 ann sell 5 @ 0.10  | 1 open 5, ann 0+5 CARD
  2 bob sell 5 @ 0.20  | 2 open 5, bob 0+5 CARD
  3 ann buy 8 dc       | refused insufficient_funds
  4 ann buy 7 dc       | 1 self_trade 5, 4 self_trade 2 @ market left 2 kept, 2 @ 0.20 with 2, 4 filled, ann 0 USD, ann 7 CARD, bob 40 USD, bob 0+3 CARD
`,
  { purse: 'ann 40 USD, ann 5 CARD, bob 5 CARD' },
);

test(
  'a market buy by size with dc ends at an own order that is not smaller',
  plays,
  `
  1 bob sell 1 @ 0.10  | 1 open 1, bob 4+1 CARD
  2 ann sell 5 @ 0.20  | 2 open 5, ann 0+5 CARD
  3 bob sell 4 @ 0.30  | 3 open 4, bob 0+5 CARD
  4 ann buy 6 dc       | 1 @ 0.10 with 1, 1 filled, 2 self_trade 5, 4 self_trade 5, ann 0 USD, bob 10 USD, bob 0+4 CARD, ann 6 CARD
`,
  { purse: 'ann 10 USD, ann 5 CARD, bob 5 CARD' },
);

for (const mode of ['cn', 'cb'])
  test(
    `a market buy by size with ${mode} ends at its first own order`,
    plays,
    `
    1 bob sell 1 @ 0.10    | 1 open 1, bob 4+1 CARD
    2 ann sell 5 @ 0.20    | 2 open 5, ann 0+5 CARD
    3 bob sell 4 @ 0.30    | 3 open 4, bob 0+5 CARD
    4 ann buy 6 ${mode}    | 1 @ 0.10 with 1, 1 filled, ${mode === 'cb' ? '2 self_trade 5, ' : ''}4 self_trade 5, ann 0 USD, bob 10 USD, bob 0+4 CARD, ann ${mode === 'cb' ? '6' : '1+5'} CARD
  `,
    { purse: 'ann 10 USD, ann 5 CARD, bob 5 CARD' },
  );
