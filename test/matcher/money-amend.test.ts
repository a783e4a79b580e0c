import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

test(
  'an amend to less size releases the difference',
  plays,
  `
  1 ann buy 5 @ 0.10   | 1 open 5, ann 0+50 USD
  2 ann amend 1 to 2   | 1 amended 2 @ 0.10 left 2 kept, ann 30+20 USD
  3 ann amend 1 to 2   | 1 amended 2 @ 0.10 left 2 kept
  4 bob sell 5 @ 0.20  | 4 open 5, bob 0+5 CARD
  5 bob amend 4 to 1   | 4 amended 1 @ 0.20 left 1 kept, bob 4+1 CARD
`,
  { purse: 'ann 50 USD, bob 5 CARD' },
);

test(
  'an amend to more size needs the difference, to the last unit',
  plays,
  `
  1 ann buy 3 @ 0.10   | 1 open 3, ann 20+30 USD
  2 ann amend 1 to 6   | refused insufficient_funds
  bid 0.10 1:3
  3 ann amend 1 to 5   | 1 amended 5 @ 0.10 left 5 moved, 1 open 5, ann 0+50 USD
  4 bob sell 3 @ 0.20  | 4 open 3, bob 2+3 CARD
  5 bob amend 4 to 6   | refused insufficient_funds
  6 bob amend 4 to 5   | 4 amended 5 @ 0.20 left 5 moved, 4 open 5, bob 0+5 CARD
`,
  { purse: 'ann 50 USD, bob 5 CARD' },
);

test(
  'a buy at another price holds that price, with what it held before',
  plays,
  `
  1 ann buy 3 @ 0.10    | 1 open 3, ann 0+30 USD
  2 ann amend 1 @ 0.11  | refused insufficient_funds
  3 ann amend 1 @ 0.08  | 1 amended 3 @ 0.08 left 3 moved, 1 open 3, ann 6+24 USD
  4 ann amend 1 @ 0.10  | 1 amended 3 @ 0.10 left 3 moved, 1 open 3, ann 0+30 USD
`,
  { purse: 'ann 30 USD' },
);

test(
  'a dearer price for less size needs only what both together cost',
  plays,
  `
  1 ann buy 3 @ 0.10         | 1 open 3, ann 0+30 USD
  2 ann amend 1 to 2 @ 0.16  | refused insufficient_funds
  3 ann amend 1 to 2 @ 0.15  | 1 amended 2 @ 0.15 left 2 moved, 1 open 2
  4 ann amend 1 to 1 @ 0.15  | 1 amended 1 @ 0.15 left 1 kept, ann 15+15 USD
`,
  { purse: 'ann 30 USD' },
);

test(
  'a sell at another price holds what it held and changes no account',
  plays,
  `
  1 ann sell 3 @ 0.10   | 1 open 3, ann 0+3 CARD
  2 ann amend 1 @ 0.90  | 1 amended 3 @ 0.90 left 3 moved, 1 open 3
  ask 0.90 1:3
`,
  { purse: 'ann 3 CARD' },
);

test(
  'only what is left of an order counts in an amend',
  plays,
  `
  1 ann buy 5 @ 0.10         | 1 open 5, ann 0+50 USD
  2 bob sell 2 @ 0.10        | 2 @ 0.10 with 1, 2 filled, bob 3 CARD, ann 0+30 USD, bob 20 USD, ann 2 CARD
  3 ann amend 1 to 6         | refused insufficient_funds
  4 ann amend 1 to 4 @ 0.15  | 1 amended 4 @ 0.15 left 2 moved, 1 open 2
  5 ann amend 1 to 3         | 1 amended 3 @ 0.15 left 1 kept, ann 15+15 USD
`,
  { purse: 'ann 50 USD, bob 5 CARD' },
);

test(
  'an amend that trades pays the maker’s price and releases the rest',
  plays,
  `
  1 ann buy 3 @ 0.10    | 1 open 3, ann 20+30 USD
  2 bob sell 2 @ 0.12   | 2 open 2, bob 0+2 CARD
  3 ann amend 1 @ 0.15  | 1 amended 3 @ 0.15 left 3 moved, 2 @ 0.12 with 2, 2 filled, 1 open 1, ann 11+15 USD, bob 24 USD, bob 0 CARD, ann 2 CARD
  4 ann cancel 1        | 1 canceled 1, ann 26 USD
`,
  { purse: 'ann 50 USD, bob 2 CARD' },
);

test(
  'an amend of a sell that trades in full leaves nothing on hold',
  plays,
  `
  1 ann buy 3 @ 0.10    | 1 open 3, ann 20+30 USD
  2 bob sell 2 @ 0.12   | 2 open 2, bob 0+2 CARD
  3 bob amend 2 @ 0.08  | 2 amended 2 @ 0.08 left 2 moved, 2 @ 0.10 with 1, 2 filled, ann 20+10 USD, bob 20 USD, bob 0 CARD, ann 2 CARD
`,
  { purse: 'ann 50 USD, bob 2 CARD' },
);

test(
  'an amend that its own self-trade prevention ends releases what it brought',
  plays,
  `
  1 ann buy 3 @ 0.10 cn  | 1 open 3, ann 20+30 USD
  2 ann sell 2 @ 0.12    | 2 open 2, ann 0+2 CARD
  3 ann amend 1 @ 0.15   | 1 amended 3 @ 0.15 left 3 moved, 1 self_trade 3, ann 50 USD
  ask 0.12 2:2
`,
  { purse: 'ann 50 USD, ann 2 CARD' },
);

test(
  'an amend that is refused keeps the order, its place and every unit of its hold',
  plays,
  `
  1 ann buy 2 @ 0.10         | 1 open 2, ann 5+20 USD
  2 bob buy 2 @ 0.10         | 2 open 2, bob 0+20 USD
  3 cid sell 1 @ 0.20        | 3 open 1, cid 1+1 CARD
  4 ann amend 1 to 3 @ 0.20  | refused insufficient_funds
  5 ann amend 1 to 9         | refused insufficient_funds
  6 bob amend 1 to 1         | refused order_not_resting
  ask 0.20 3:1
  bid 0.10 1:2 2:2
  7 cid sell 1 @ 0.10        | 1 @ 0.10 with 1, 7 filled, cid 0+1 CARD, ann 5+10 USD, cid 10 USD, ann 1 CARD
  8 ann amend 1 to 1 @ 0.30  | refused size_filled
  9 ann cancel 1             | 1 canceled 1, ann 15 USD
`,
  { purse: 'ann 25 USD, bob 20 USD, cid 2 CARD' },
);

test(
  'a post-only amend that would trade is refused for that before its funds are looked at',
  plays,
  `
  1 ann buy 1 @ 0.10 post    | 1 open 1, ann 0+10 USD
  2 bob sell 1 @ 0.20        | 2 open 1, bob 0+1 CARD
  3 ann amend 1 @ 0.20       | refused post_only
  4 ann amend 1 @ 0.19       | refused insufficient_funds
  ask 0.20 2:1
  bid 0.10 1:1
`,
  { purse: 'ann 10 USD, bob 1 CARD' },
);
