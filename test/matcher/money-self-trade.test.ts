import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();
const purse = 'ann 100 USD, ann 10 CARD';

test(
  'without prevention a trader pays itself and has what it had',
  plays,
  `
  1 ann sell 4 @ 0.10  | 1 open 4, ann 6+4 CARD
  2 ann buy 6 @ 0.12   | 4 @ 0.10 with 1, 1 filled, 2 open 2, ann 76+24 USD, ann 10 CARD
  3 ann sell 3 @ 0.12  | 2 @ 0.12 with 2, 2 filled, 3 open 1, ann 9+1 CARD, ann 100 USD
`,
  { purse },
);

test(
  'dc releases the canceled order and what the larger one is reduced by',
  plays,
  `
  1 ann sell 4 @ 0.10     | 1 open 4, ann 6+4 CARD
  2 ann buy 6 @ 0.12 dc   | 1 self_trade 4, 2 self_trade 2 @ 0.12 left 2 kept, 2 open 2, ann 76+24 USD, ann 10 CARD
  3 ann sell 1 @ 0.12 dc  | 2 self_trade 1 @ 0.12 left 1 kept, 3 self_trade 1, ann 10 CARD, ann 88+12 USD
  4 ann sell 1 @ 0.12 dc  | 2 self_trade 1, 4 self_trade 1, ann 10 CARD, ann 100 USD
`,
  { purse },
);

test(
  'co releases the resting order, and the incoming one rests with all its hold',
  plays,
  `
  1 ann sell 4 @ 0.10     | 1 open 4, ann 6+4 CARD
  2 ann buy 6 @ 0.12 co   | 1 self_trade 4, 2 open 6, ann 28+72 USD, ann 10 CARD
`,
  { purse },
);

test(
  'cn releases the incoming order and leaves the resting one on hold',
  plays,
  `
  1 ann sell 4 @ 0.10     | 1 open 4, ann 6+4 CARD
  2 ann buy 6 @ 0.12 cn   | 2 self_trade 6, ann 100 USD
  ask 0.10 1:4
`,
  { purse },
);

test(
  'cb releases both',
  plays,
  `
  1 ann sell 4 @ 0.10     | 1 open 4, ann 6+4 CARD
  2 ann buy 6 @ 0.12 cb   | 1 self_trade 4, 2 self_trade 6, ann 100 USD, ann 10 CARD
  empty
`,
  { purse },
);

test(
  'prevention after a trade leaves the trade paid',
  plays,
  `
  1 bob sell 1 @ 0.09     | 1 open 1, bob 0+1 CARD
  2 ann sell 4 @ 0.10     | 2 open 4, ann 6+4 CARD
  3 ann buy 6 @ 0.12 cn   | 1 @ 0.09 with 1, 1 filled, 3 self_trade 5, ann 91 USD, bob 9 USD, bob 0 CARD, ann 7+4 CARD
`,
  { purse: 'ann 100 USD, ann 10 CARD, bob 1 CARD' },
);

test(
  'what co would release does not pay for the order that would release it',
  plays,
  `
  1 ann buy 5 @ 0.20      | 1 open 5, ann 0+100 USD
  2 bob sell 9 @ 0.50     | 2 open 9, bob 0+9 CARD
  3 ann buy 1             | refused insufficient_funds
  4 ann sell 11 @ 0.10 co | refused insufficient_funds
  ask 0.50 2:9
  bid 0.20 1:5
  5 ann sell 10 @ 0.10 co | 1 self_trade 5, 5 open 10, ann 0+10 CARD, ann 100 USD
`,
  { purse: 'ann 100 USD, ann 10 CARD, bob 9 CARD' },
);

test(
  'dc for funds releases all but what was paid',
  plays,
  `
  1 ann sell 2 @ 0.10     | 1 open 2, ann 8+2 CARD
  2 bob sell 9 @ 0.20     | 2 open 9, bob 0+9 CARD
  3 ann buy for 0.65 dc   | 1 self_trade 2, 2 @ 0.20 with 2, 3 filled, ann 60 USD, ann 12 CARD, bob 40 USD, bob 0+7 CARD
`,
  { purse: 'ann 100 USD, ann 10 CARD, bob 9 CARD' },
);
