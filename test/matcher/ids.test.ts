import test from 'ava';
import { scenarios } from '../support/plays.ts';

const plays = scenarios();

/** Each row's number has a digit more than the one before it: as text the younger order would sort first. */
const growing = (from: number): { firstId: number } => ({ firstId: from });
const queueOfThree = (side: 'buy' | 'sell', half: 'bid' | 'ask'): string => `
  1 ann ${side} 1 @ 5.00  | 1 open 1
  2 bob ${side} 2 @ 5.00  | 2 open 2
  3 cid ${side} 3 @ 5.00  | 3 open 3
  ${half} 5.00 1:1 2:2 3:3
  4 dan ${side === 'buy' ? 'sell' : 'buy'} 2 @ 5.00 | 1 @ 5.00 with 1, 1 filled, 1 @ 5.00 with 2, 4 filled
  5 ann ${side} 5 @ 5.00  | 5 open 5
  ${half} 5.00 2:1 3:3 5:5
`;

for (const firstId of [9, 99, 999_999, 9_999_999_999]) {
  test(`ask ${firstId} goes before ask ${firstId + 1}`, plays, queueOfThree('sell', 'ask'), growing(firstId));
  test(`bid ${firstId} goes before bid ${firstId + 1}`, plays, queueOfThree('buy', 'bid'), growing(firstId));
}

/** Where digits would be lost: `tostring` keeps 14, a float 53 bits. */
const large = { '2^44': 2 ** 44 + 1, '10^14': 10 ** 14 - 1, '10^15': 10 ** 15 - 1, '2^53': 2 ** 53 - 9 };

const everyKind = `
  1 ann sell 5 @ 5.00      | 1 open 5
  2 bob sell 5 @ 5.00      | 2 open 5
  3 ann amend 1 to 6       | 1 amended 6 @ 5.00 left 6 moved, 1 open 6
  ask 5.00 2:5 1:6
  4 bob buy 7 @ 5.00 co    | 2 self_trade 5, 6 @ 5.00 with 1, 1 filled, 4 open 1
  5 cid sell 2 @ 5.00 ioc  | 1 @ 5.00 with 4, 4 filled, 5 time_in_force 1
  6 dan sell 1 @ 7.00      | 6 open 1
  7 dan cancel 6           | 6 canceled 1
  8 dan cancel 1           | refused order_not_resting
  empty
`;

for (const [name, firstId] of Object.entries(large)) {
  test(`ids around ${name} keep all their digits`, plays, everyKind, { firstId });
  test(`ids around ${name} queue in order`, plays, queueOfThree('buy', 'bid'), { firstId });
}
