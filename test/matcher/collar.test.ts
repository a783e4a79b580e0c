import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { noRules } from '../../core/product.ts';
import type { Command } from '../../core/wire/commands.ts';
import { match } from '../../matcher/client.ts';
import { depositCommand, oneToOne, placeCommand, productCommand } from '../support/commands.ts';
import { openEngine, play, readReports, submitAll } from '../support/engine.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';
import { scenarios } from '../support/plays.ts';
import { useRedis } from '../support/redis.ts';

const plays = scenarios();
const { redis, newShard } = useRedis();

test(
  'a limit order may trade as far from the last trade as the collar allows, to the tick; without a trade anywhere',
  plays,
  `
  1 product A-USD online collar 100000  | ok
  2 ann sell 1 @ 5.00                   | 2 open 1
  3 bob buy 1 @ 99.00                   | 1 @ 5.00 with 2, 2 filled, 3 filled
  4 ann sell 3 @ 5.50                   | 4 open 3
  5 ann sell 1 @ 4.50                   | 5 open 1
  6 ann sell 1 @ 4.49                   | refused price_collar
  7 bob buy 1 @ 5.51                    | refused price_collar
  8 bob buy 1 @ 5.51 post               | refused price_collar
  9 bob buy 1 @ 5.51 ioc                | refused price_collar
  10 bob buy 1 @ 5.51 fok               | refused price_collar
  11 bob buy 2 @ 5.50                   | 1 @ 4.50 with 5, 5 filled, 1 @ 5.50 with 4, 11 filled
  12 bob buy 1 @ 6.06                   | refused price_collar
  13 bob buy 1 @ 6.05                   | 1 @ 5.50 with 4, 13 filled
  ask 5.50 4:1
`,
);

test(
  'a price on the far side of the last trade is nothing that a collar minds',
  plays,
  `
  1 product A-USD online collar 100000  | ok
  2 ann sell 1 @ 5.00                   | 2 open 1
  3 bob buy 1 @ 5.00                    | 1 @ 5.00 with 2, 2 filled, 3 filled
  4 ann sell 1 @ 99.00                  | 4 open 1
  5 bob buy 1 @ 0.01                    | 5 open 1
  ask 99.00 4:1
  bid 0.01 5:1
`,
);

test(
  'a collar is rounded to whole ticks inwards, and one of less than a tick leaves the last price',
  plays,
  `
  1 product A-USD online collar 200000  | ok
  2 ann sell 1 @ 0.07                   | 2 open 1
  3 bob buy 1 @ 0.07                    | 1 @ 0.07 with 2, 2 filled, 3 filled
  4 bob buy 1 @ 0.09                    | refused price_collar
  5 bob buy 1 @ 0.08                    | 5 open 1
  6 bob cancel 5                        | 5 canceled 1
  7 ann sell 1 @ 0.05                   | refused price_collar
  8 ann sell 1 @ 0.06                   | 8 open 1
  9 product A-USD online collar 142856  | ok
  10 bob buy 1 @ 0.08                   | refused price_collar
  11 bob buy 1 @ 0.07                   | 1 @ 0.06 with 8, 8 filled, 11 filled
`,
);

test(
  'the collar of the largest price is exact',
  plays,
  `
  1 product A-USD online collar 999999     | ok
  2 ann sell 1 @ 45035996273704.97         | 2 open 1
  3 bob buy 1 @ 45035996273704.97          | 1 @ 45035996273704.97 with 2, 2 filled, 3 filled
  4 ann sell 1 @ 45035996.27               | refused price_collar
  5 ann sell 1 @ 45035996.28               | 5 open 1
  6 bob buy 1 @ 90071947511413.67          | refused price_collar
  7 bob buy 1 @ 90071947511413.66          | 1 @ 45035996.28 with 5, 5 filled, 7 filled
`,
);

test(
  'a market order trades up to the collar, and what remains is canceled',
  plays,
  `
  1 product A-USD online collar 100000  | ok
  2 ann sell 1 @ 5.00                   | 2 open 1
  3 bob buy 1                           | 1 @ 5.00 with 2, 2 filled, 3 filled
  4 ann sell 2 @ 5.50                   | 4 open 2
  5 ann sell 2 @ 5.51                   | 5 open 2
  6 bob buy 5                           | 2 @ 5.50 with 4, 4 filled, 6 price_collar 3
  7 bob buy 1                           | 1 @ 5.51 with 5, 7 filled
  8 cid buy 1 @ 4.00                    | 8 open 1
  9 bob sell 1                          | 9 price_collar 1
  10 cid cancel 8                       | 8 canceled 1
  11 bob sell 1                         | 11 no_liquidity 1
  ask 5.51 5:1
`,
);

test(
  'what stops a market order is the collar only if its funds would have bought more',
  plays,
  `
  1 product A-USD online collar 100000 size 9  | ok
  2 ann sell 1 @ 5.00            | 2 open 1
  3 bob buy 1                    | 1 @ 5.00 with 2, 2 filled, 3 filled
  4 ann sell 9 @ 5.00            | 4 open 9
  5 ann sell 9 @ 8.00            | 5 open 9
  6 bob buy for 23.00            | 4 @ 5.00 with 4, 6 filled
  7 bob buy for 33.00            | 5 @ 5.00 with 4, 4 filled, 7 price_collar
  8 bob buy for 7.99             | 8 no_liquidity
  9 bob buy for 8.00             | 9 price_collar
  ask 8.00 5:9
`,
);

test(
  'an order that meets the collar is not canceled for the makers that it met',
  plays,
  `
  1 product A-USD online makers 1 collar 100000 | ok
  2 ann sell 1 @ 5.00                           | 2 open 1
  3 bob buy 1                                   | 1 @ 5.00 with 2, 2 filled, 3 filled
  4 ann sell 1 @ 5.00                           | 4 open 1
  5 ann sell 1 @ 9.00                           | 5 open 1
  6 bob buy 3                                   | 1 @ 5.00 with 4, 4 filled, 6 price_collar 2
`,
);

test(
  'all that a command sets off is held to the last trade before it',
  plays,
  `
  1 product A-USD online collar 100000  | ok
  2 ann sell 1 @ 5.00                   | 2 open 1
  3 bob buy 1 @ 5.00                    | 1 @ 5.00 with 2, 2 filled, 3 filled
  4 bob sell 3 loss 4.60                | 4 waits for 4.60
  5 bob sell 1 @ 4.00 loss 4.55         | 5 waits for 4.55
  6 bob sell 1 @ 4.50 loss 4.50         | 6 waits for 4.50
  7 cid buy 1 @ 4.60                    | 7 open 1
  8 cid buy 1 @ 4.50                    | 8 open 1
  9 cid buy 1 @ 4.49                    | 9 open 1
  10 dan sell 1 @ 4.60                  | 1 @ 4.60 with 7, 7 filled, 10 filled, 4 triggered, 1 @ 4.50 with 8, 8 filled, 4 price_collar 2, 5 triggered, 5 price_collar 1, 6 triggered, 6 open 1
  11 dan sell 1                         | 1 @ 4.49 with 9, 9 filled, 11 filled
  ask 4.50 6:1
`,
);

test(
  'a stop order may wait with a price beyond the collar; it trades up to the collar when it comes in, and never rests beyond it',
  plays,
  `
  1 product A-USD online collar 100000  | ok
  2 ann sell 3 @ 5.00                   | 2 open 3
  3 bob buy 1 @ 5.00                    | 1 @ 5.00 with 2, 3 filled
  4 cid buy 3 @ 9.00 entry 8.00         | 4 waits for 8.00
  5 cid amend 4 to 4 @ 7.00 stop 5.00   | 4 triggered, 2 @ 5.00 with 2, 2 filled, 4 price_collar 2
  6 cid buy 1 @ 5.60 entry 4.00         | 6 triggered, 6 price_collar 1
  empty
`,
);

test(
  'a stop order that a first trade triggers is held to no trade',
  plays,
  `
  1 product A-USD online collar 100000  | ok
  2 ann sell 1 @ 5.00                   | 2 open 1
  3 ann sell 1 @ 9.00                   | 3 open 1
  4 bob buy 1 entry 5.00                | 4 waits for 5.00
  5 cid buy 1 @ 5.00                    | 1 @ 5.00 with 2, 2 filled, 5 filled, 4 triggered, 1 @ 9.00 with 3, 3 filled, 4 filled
`,
);

test(
  'an amend that moves an order is held to the collar, one that keeps its place is not',
  plays,
  `
  1 product A-USD online collar 100000  | ok
  2 ann sell 1 @ 5.00                   | 2 open 1
  3 bob buy 1 @ 5.00                    | 1 @ 5.00 with 2, 2 filled, 3 filled
  4 bob buy 3 @ 5.40                    | 4 open 3
  5 bob amend 4 @ 5.51                  | refused price_collar
  6 bob amend 4 @ 5.50                  | 4 amended 3 @ 5.50 left 3 moved, 4 open 3
  7 product A-USD online collar 50000   | ok
  8 bob amend 4 to 4                    | refused price_collar
  9 bob amend 4 to 2                    | 4 amended 2 @ 5.50 left 2 kept
  10 product A-USD online               | ok
  11 bob amend 4 to 4 @ 9.00            | 4 amended 4 @ 9.00 left 4 moved, 4 open 4
  bid 9.00 4:4
`,
);

test(
  'a market order holds what it may pay within the collar, and gets back what it does not',
  plays,
  `
  1 product A-USD online collar 100000  | ok
  2 bob sell 1 @ 5.00                   | 2 open 1, bob 6+1 CARD
  3 cid buy 1                           | 1 @ 5.00 with 2, 2 filled, 3 filled, cid 1250 USD, bob 500 USD, bob 6 CARD, cid 1 CARD
  4 bob sell 2 @ 5.50                   | 4 open 2, bob 4+2 CARD
  5 bob sell 2 @ 9.00                   | 5 open 2, bob 2+4 CARD
  6 cid buy 1 for 12.51                 | refused insufficient_funds
  7 cid buy for 12.50                   | 2 @ 5.50 with 4, 4 filled, 7 filled, cid 150 USD, bob 1600 USD, bob 2+2 CARD, cid 3 CARD
  8 cid buy 3                           | 8 price_collar 3
  9 cid buy 1 @ 9.00                    | refused price_collar
`,
  { purse: 'bob 7 CARD, cid 1750 USD' },
);

test('what a market order would pay ends at the collar, also where sums of many orders are kept', async (t) => {
  const asks = Array.from({ length: 300 }, (_, i) =>
    placeCommand({ side: 'sell', price: 1_000 + i, size: 1 }),
  );
  const check = placeCommand({ traderId: 3, price: 1_100, size: 9_000, timeInForce: 'FOK' });
  const commands: Command[] = [
    productCommand({ funding: oneToOne, rules: { ...noRules, collar: 100_000 } }),
    depositCommand({ traderId: 1, currency: 'CARD', amount: 301, transferId: 'a' }),
    depositCommand({ traderId: 2, amount: 151_000, transferId: 'b' }),
    depositCommand({ traderId: 3, amount: 90_000_000, transferId: 'c' }),
    placeCommand({ side: 'sell', price: 1_000, size: 1 }),
    placeCommand({ traderId: 2, price: 1_000, size: 1 }),
    ...asks,
    ...Array.from({ length: 5 }, () => check),
    placeCommand({ traderId: 2, price: null, size: 250, timeInForce: 'IOC' }),
  ];
  const naive = newNaiveExchange();
  const expected = commands.map((command) => applyNaively(naive, command));
  const engine = await openEngine(redis, newShard());
  const reports = await play(engine, commands, 1_000);
  t.deepEqual(reports, expected);
  t.deepEqual(reports.at(-1)!.events.at(-1), {
    ...{ kind: 'done', orderId: commands.length, reason: 'price_collar', remaining: 149 },
  });
});

test('a cascade over many runs is held to the trade before its command', async (t) => {
  const collar = 500_000;
  const stops = Array.from({ length: 90 }, (_, i) =>
    placeCommand({
      ...{ traderId: 2, side: 'sell', price: null, size: 1, timeInForce: 'IOC' },
      ...{ stop: 'loss', stopPrice: 991 - 10 * i },
    }),
  );
  const bids = Array.from({ length: 90 }, (_, i) => placeCommand({ price: 990 - 10 * i, size: 1 }));
  const commands: Command[] = [
    productCommand({ rules: { ...noRules, collar } }),
    placeCommand({ traderId: 1, side: 'sell', price: 1_000, size: 1 }),
    placeCommand({ traderId: 3, price: 1_000, size: 1 }),
    ...bids,
    ...stops,
    placeCommand({ traderId: 3, side: 'sell', price: 990, size: 1 }),
  ];
  const naive = newNaiveExchange();
  const expected = commands.map((command) => applyNaively(naive, command));
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, commands);
  const references = new Set<string | null>();
  for (let matched = 0; matched < commands.length; ) {
    ({ matched } = await match(redis, engine.shard, { size: 1_000, steps: 100 }));
    references.add(await redis.hget(shardKeys(engine.shard).cascade, 'reference'));
  }
  t.deepEqual([...references], ['1000', null]);
  const reports = await readReports(engine);
  t.deepEqual(reports, expected);
  const { events } = reports.at(-1)!;
  t.is(events.findLast((event) => event.kind === 'match')?.price, 500);
  t.true(events.some((event) => event.kind === 'done' && event.reason === 'price_collar'));
});
