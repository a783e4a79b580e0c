import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import type { Command } from '../../core/wire/commands.ts';
import { match, usualRunSteps } from '../../matcher/client.ts';
import { placeCommand, productCommand } from '../support/commands.ts';
import { openEngine, readEvents, readReports, submitAll } from '../support/engine.ts';
import { scenarios } from '../support/plays.ts';
import { useRedis } from '../support/redis.ts';

const plays = scenarios();
const { redis, newShard } = useRedis();

test(
  'orders gather in an auction, and a book that does not cross is as it was when the product goes online',
  plays,
  `
  1 product A-USD auction | ok
  2 ann buy 1 @ 4.99      | 2 open 1
  3 bob sell 1 @ 5.00     | 3 open 1
  4 product A-USD online  | ok
  5 cid buy 1 @ 5.00      | 1 @ 5.00 with 3, 3 filled, 5 filled
  bid 4.99 2:1
`,
);

test(
  'all trade at one price, the best first and at one price the first that came; the side that fills whole takes',
  plays,
  `
  1 product A-USD auction | ok
  2 ann buy 2 @ 5.00      | 2 open 2
  3 bob buy 2 @ 5.00      | 3 open 2
  4 cid buy 1 @ 6.00      | 4 open 1
  5 dan sell 3 @ 4.00     | 5 open 3
  6 ann sell 1 @ 5.00     | 6 open 1
  ask 5.00 6:1
  ask 4.00 5:3
  bid 6.00 4:1
  bid 5.00 2:2 3:2
  7 product A-USD online  | 5 1 @ 5.00 with 4, 4 filled, 5 2 @ 5.00 with 2, 2 filled, 5 filled, 6 1 @ 5.00 with 3, 6 filled
  bid 5.00 3:1
`,
);

test(
  'the price is the one that trades most',
  plays,
  `
  1 product A-USD auction | ok
  2 ann buy 5 @ 5.02      | 2 open 5
  3 ann buy 5 @ 5.01      | 3 open 5
  4 bob sell 3 @ 5.00     | 4 open 3
  5 bob sell 7 @ 5.01     | 5 open 7
  6 product A-USD online  | 2 3 @ 5.01 with 4, 4 filled, 2 2 @ 5.01 with 5, 2 filled, 3 5 @ 5.01 with 5, 5 filled, 3 filled
  empty
`,
);

test(
  'of several, it is the one that leaves the smaller rest',
  plays,
  `
  1 product A-USD auction | ok
  2 ann buy 3 @ 5.03      | 2 open 3
  3 ann buy 5 @ 5.01      | 3 open 5
  4 bob sell 3 @ 5.00     | 4 open 3
  5 bob sell 2 @ 5.02     | 5 open 2
  6 product A-USD online  | 2 3 @ 5.02 with 4, 4 filled, 2 filled
  ask 5.02 5:2
  bid 5.01 3:5
`,
);

test(
  'where as much is left of either side, and without a trade before, it is the middle of all that are as good',
  plays,
  `
  1 product A-USD auction | ok
  2 ann buy 3 @ 5.10      | 2 open 3
  3 ann buy 2 @ 5.01      | 3 open 2
  4 bob sell 3 @ 4.90     | 4 open 3
  5 bob sell 2 @ 5.02     | 5 open 2
  6 product A-USD online  | 4 3 @ 5.00 with 2, 2 filled, 4 filled
  ask 5.02 5:2
  bid 5.01 3:2
`,
);

test(
  'of those that are as good, it is the nearest to the last trade, below them or above',
  plays,
  `
  1 ann sell 1 @ 3.00      | 1 open 1
  2 bob buy 1 @ 3.00       | 1 @ 3.00 with 1, 1 filled, 2 filled
  3 product A-USD auction  | ok
  4 ann sell 2 @ 5.00      | 4 open 2
  5 bob buy 2 @ 6.00       | 5 open 2
  6 product A-USD online   | 5 2 @ 5.00 with 4, 4 filled, 5 filled
  7 product A-USD auction  | ok
  8 ann sell 2 @ 4.00      | 8 open 2
  9 bob buy 2 @ 4.50       | 9 open 2
  10 product A-USD online  | 9 2 @ 4.50 with 8, 8 filled, 9 filled
  11 product A-USD auction | ok
  12 ann sell 2 @ 4.00     | 12 open 2
  13 bob buy 2 @ 5.00      | 13 open 2
  14 product A-USD online  | 13 2 @ 4.50 with 12, 12 filled, 13 filled
  empty
`,
);

test(
  'an auction takes orders that can wait, and refuses those that say what must become of them at once',
  plays,
  `
  1 ann buy 3 @ 1.00 post   | 1 open 3
  2 product A-USD auction   | ok
  3 bob sell 1              | refused auction
  4 bob buy 1 for 9.00      | refused auction
  5 bob sell 1 @ 2.00 ioc   | refused auction
  6 bob sell 1 @ 2.00 fok   | refused auction
  7 bob sell 1 @ 2.00 post  | refused auction
  8 bob sell 1 @ 0.90       | 8 open 1
  9 bob sell 2 @ 0.95 until 9 | 9 open 2
  10 ann amend 1 @ 1.01     | refused auction
  11 ann amend 1 to 2       | 1 amended 2 @ 1.00 left 2 kept
  12 bob amend 8 @ 0.80     | 8 amended 1 @ 0.80 left 1 moved, 8 open 1
  13 cid buy 1 @ 3.00       | 13 open 1
  14 cid cancel 13          | 13 canceled 1
  15 time 9                 | 9 expired 2
  16 product A-USD online   | 8 1 @ 0.90 with 1, 8 filled
  bid 1.00 1:1
`,
);

test(
  'only a change to online lets a crossed book trade',
  plays,
  `
  1 product A-USD auction     | ok
  2 ann buy 1 @ 2.00          | 2 open 1
  3 bob sell 1 @ 1.00         | 3 open 1
  4 product A-USD auction     | ok
  5 product A-USD cancel_only | ok
  6 cid buy 1 @ 2.00          | refused cancel_only
  7 product A-USD offline     | ok
  8 ann cancel 2              | refused offline
  ask 1.00 3:1
  bid 2.00 2:1
  9 product A-USD online      | 2 1 @ 1.50 with 3, 3 filled, 2 filled
  10 product A-USD online     | ok
  empty
`,
);

test(
  'the orders of one trader meet in an uncross, whatever they say of self-trades',
  plays,
  `
  1 product A-USD auction | ok
  2 ann buy 1 @ 2.00 dc   | 2 open 1
  3 ann sell 1 @ 2.00 cb  | 3 open 1
  4 product A-USD online  | 2 1 @ 2.00 with 3, 3 filled, 2 filled
  empty
`,
);

test(
  'an uncross meets more makers than an order may',
  plays,
  `
  1 product A-USD auction makers 1 | ok
  2 ann buy 1 @ 2.00 | 2 open 1
  3 ann buy 1 @ 2.00 | 3 open 1
  4 ann buy 1 @ 2.00 | 4 open 1
  5 bob sell 2 @ 2.00 | 5 open 2
  6 product A-USD online makers 1 | 5 1 @ 2.00 with 2, 2 filled, 5 1 @ 2.00 with 3, 3 filled, 5 filled
  bid 2.00 4:1
`,
);

test(
  'a stop order waits through an auction, and its price lets it come in once all have traded',
  plays,
  `
  1 ann sell 1 @ 5.00            | 1 open 1
  2 bob buy 1 @ 5.00             | 1 @ 5.00 with 1, 1 filled, 2 filled
  3 product A-USD auction        | ok
  4 cid sell 1 @ 1.00 loss 6.00  | 4 waits for 6.00
  5 cid buy 1 @ 9.00 entry 8.00  | 5 waits for 8.00
  6 cid sell 1 loss 1.00         | 6 waits for 1.00
  7 ann buy 3 @ 7.00             | 7 open 3
  8 bob sell 1 @ 6.00            | 8 open 1
  9 product A-USD online         | 8 1 @ 6.00 with 7, 8 filled, 4 triggered, 1 @ 7.00 with 7, 4 filled
  bid 7.00 7:1
`,
);

/** Some prices from 4,000 on, and sizes; those of bids are above those of asks, so that much of it crosses. */
function gathered(count: number): Command[] {
  return Array.from({ length: count }, (_, i) => {
    const [side, from] = i % 2 === 0 ? (['buy', 4_000] as const) : (['sell', 3_600] as const);
    const [price, size] = [from + ((i * 7_919) % 1_000), 1 + ((i * 31) % 17)];
    return placeCommand({ traderId: 1 + (i % 5), side, price, size });
  });
}

function auctionOf(orders: readonly Command[]): Command[] {
  return [productCommand({ status: 'auction' }), ...orders, productCommand()];
}

test('a large uncross is one report, the same however many runs it takes', async (t) => {
  const texts = [];
  for (const steps of [1_000_000, 300, 7]) {
    const engine = await openEngine(redis, newShard());
    await submitAll(engine, [...auctionOf(gathered(1_500)), placeCommand({ price: 1 })]);
    let unfinished = 0;
    for (;;) {
      const run = await match(redis, engine.shard, { size: 1_000, steps });
      if (run.applied === 0 && run.steps === 0) break;
      t.true(run.steps < steps + 30, `${run.steps} steps of ${steps}`);
      if (await redis.hexists(shardKeys(engine.shard).state, 'cascade')) unfinished++;
    }
    t.is(unfinished > 10, steps < 1_000);
    t.is(await redis.exists(shardKeys(engine.shard).cascade), 0);
    texts.push(await readEvents(engine));
  }
  t.is(texts[0], texts[1]);
  t.is(texts[0], texts[2]);
  t.true(texts[0]!.split('\n').filter((line) => line.startsWith('cross ')).length > 500);
});

test('an uncross of tens of thousands of orders leaves room for others', async (t) => {
  const engine = await openEngine(redis, newShard());
  const count = 40_000;
  await submitAll(engine, auctionOf(gathered(count)));
  const { commands, state } = shardKeys(engine.shard);
  const last = Number(await redis.hget(state, 'sequence'));
  t.is(await redis.exists(commands), 1);
  const before = { size: 1_000, steps: usualRunSteps, through: last - 1 };
  while ((await match(redis, engine.shard, before)).applied > 0);
  const ran: number[] = [];
  for (;;) {
    const { applied, steps } = await match(redis, engine.shard, 1_000);
    if (applied === 0 && steps === 0) break;
    ran.push(steps);
  }
  const uncross = (await readReports(engine)).at(-1)!;
  const trades = uncross.events.filter(({ kind }) => kind === 'match').length;
  t.log(`${trades} trades in ${ran.length} runs`);
  // A trade counts as 12, and a pair of orders as 3 before.
  t.true(ran.length > (12 * trades) / usualRunSteps);
  t.true(Math.max(...ran) < usualRunSteps + 12, `${Math.max(...ran)} steps`);
});
