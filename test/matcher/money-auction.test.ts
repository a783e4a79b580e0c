import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();
const rich = 'ann 100000 USD, bob 100000 USD, ann 1000 CARD, bob 1000 CARD';

test(
  'a bid holds its own price, pays that of the uncross, and has the rest back at once',
  plays,
  `
  1 product A-USD auction | ok
  2 ann buy 5 @ 1.20      | 2 open 5, ann 99400+600 USD
  3 bob sell 2 @ 1.00     | 3 open 2, bob 998+2 CARD
  4 bob sell 1 @ 1.20     | 4 open 1, bob 997+3 CARD
  5 product A-USD online  | 3 2 @ 1.20 with 2, 3 filled, 4 1 @ 1.20 with 2, 4 filled, ann 99400+240 USD, bob 100360 USD, bob 997 CARD, ann 1003 CARD
  bid 1.20 2:2
`,
  { purse: rich },
);

test(
  'a bid that fills whole holds nothing any more',
  plays,
  `
  1 product A-USD auction | ok
  2 ann buy 2 @ 1.20      | 2 open 2, ann 99760+240 USD
  3 bob sell 3 @ 1.00     | 3 open 3, bob 997+3 CARD
  4 product A-USD online  | 2 2 @ 1.10 with 3, 2 filled, ann 99780 USD, bob 100220 USD, bob 997+1 CARD, ann 1002 CARD
  ask 1.00 3:1
`,
  { purse: rich },
);

test(
  'maker and taker of an uncross pay the maker rate, rounded up once an order',
  plays,
  `
  1 product A-USD auction maker_fee 4000 taker_fee 20000 | ok
  2 ann buy 2 @ 1.20      | 2 open 2, ann 99759+241 USD
  3 bob sell 1 @ 1.00     | 3 open 1, bob 999+1 CARD
  4 bob sell 3 @ 1.00     | 4 open 3, bob 996+4 CARD
  5 product A-USD online maker_fee 9000 taker_fee 9000 | 2 1 @ 1.10 with 3 for 1 and 1, 3 filled, 2 1 @ 1.10 with 4 for 1 and 0, 2 filled, ann 99779 USD, bob 100218 USD, bob 996+2 CARD, ann 1002 CARD, fees 3 USD
  ask 1.00 4:2
`,
  { purse: rich },
);
