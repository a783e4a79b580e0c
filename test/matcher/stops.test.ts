import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import type { Command } from '../../core/wire/commands.ts';
import { match, usualRunSteps } from '../../matcher/client.ts';
import { placeCommand, productCommand } from '../support/commands.ts';
import { matchAll, openEngine, readReports, submitAll } from '../support/engine.ts';
import { scenarios } from '../support/plays.ts';
import { useRedis } from '../support/redis.ts';

const plays = scenarios();
const { redis, newShard } = useRedis();

test(
  'a stop order waits unseen, comes in when a trade meets it, and is an order like any other then',
  plays,
  `
  1 ann sell 1 @ 5.00              | 1 open 1
  2 bob sell 2 @ 4.50 loss 4.80    | 2 waits for 4.80
  3 cid buy 1 @ 5.00               | 1 @ 5.00 with 1, 1 filled, 3 filled
  4 ann buy 1 @ 4.80               | 4 open 1
  5 dan sell 1 @ 4.80              | 1 @ 4.80 with 4, 4 filled, 5 filled, 2 triggered, 2 open 2
  ask 4.50 2:2
`,
);

test(
  'an entry is met from below, and by market takes what there is',
  plays,
  `
  1 bob buy 2 entry 5.00    | 1 waits for 5.00
  2 ann sell 1 @ 4.99       | 2 open 1
  3 ann sell 1 @ 5.00       | 3 open 1
  4 ann sell 1 @ 6.00       | 4 open 1
  5 cid buy 1               | 1 @ 4.99 with 2, 2 filled, 5 filled
  6 cid buy 1               | 1 @ 5.00 with 3, 3 filled, 6 filled, 1 triggered, 1 @ 6.00 with 4, 4 filled, 1 no_liquidity 1
  empty
`,
);

test(
  'a stop order that the last trade has met comes in at once; without a trade it waits',
  plays,
  `
  1 bob sell 1 @ 9.00 loss 9.00    | 1 waits for 9.00
  2 ann sell 1 @ 5.00              | 2 open 1
  3 cid buy 1 @ 5.00               | 1 @ 5.00 with 2, 2 filled, 3 filled, 1 triggered, 1 open 1
  4 bob sell 1 @ 8.00 loss 5.00    | 4 triggered, 4 open 1
  5 bob sell 1 @ 8.00 loss 4.99    | 5 waits for 4.99
  ask 9.00 1:1
  ask 8.00 4:1
`,
);

test(
  'the lowest and the highest trade of one sweep both count, and the first trade that meets an order decides its turn',
  plays,
  `
  1 ann sell 1 @ 5.00              | 1 open 1
  2 ann sell 1 @ 6.00              | 2 open 1
  3 ann sell 1 @ 7.00              | 3 open 1
  4 bob buy 1 @ 1.00 entry 7.00    | 4 waits for 7.00
  5 bob buy 1 @ 1.00 entry 5.50    | 5 waits for 5.50
  6 bob sell 1 @ 9.00 loss 5.00    | 6 waits for 5.00
  7 cid buy 3 @ 7.00               | 1 @ 5.00 with 1, 1 filled, 1 @ 6.00 with 2, 2 filled, 1 @ 7.00 with 3, 3 filled, 7 filled, 6 triggered, 6 open 1, 5 triggered, 5 open 1, 4 triggered, 4 open 1
  ask 9.00 6:1
  bid 1.00 5:1 4:1
`,
);

test(
  'stop orders come in when the rest of the order that met them has come to rest',
  plays,
  `
  1 ann sell 1 @ 5.00            | 1 open 1
  2 bob sell 5 loss 5.00         | 2 waits for 5.00
  3 cid buy 3 @ 5.00             | 1 @ 5.00 with 1, 1 filled, 3 open 2, 2 triggered, 2 @ 5.00 with 3, 3 filled, 2 no_liquidity 3
  empty
`,
);

test(
  'at one trade losses come before entries, losses by falling and entries by rising stop price, then by sequence',
  plays,
  `
  1 bob buy 1 @ 1.00 entry 5.00    | 1 waits for 5.00
  2 bob buy 1 @ 1.00 entry 4.00    | 2 waits for 4.00
  3 bob sell 1 @ 9.00 loss 5.00    | 3 waits for 5.00
  4 bob sell 1 @ 9.00 loss 6.00    | 4 waits for 6.00
  5 bob sell 1 @ 9.00 loss 6.00    | 5 waits for 6.00
  6 ann sell 1 @ 5.00              | 6 open 1
  7 cid buy 1 @ 5.00               | 1 @ 5.00 with 6, 6 filled, 7 filled, 4 triggered, 4 open 1, 5 triggered, 5 open 1, 3 triggered, 3 open 1, 2 triggered, 2 open 1, 1 triggered, 1 open 1
  ask 9.00 4:1 5:1 3:1
  bid 1.00 2:1 1:1
`,
);

test(
  'two stop orders that feed each other each come in once',
  plays,
  `
  1 ann buy 1 @ 4.00         | 1 open 1
  2 ann sell 1 @ 6.00        | 2 open 1
  3 bob sell 1 loss 5.00     | 3 waits for 5.00
  4 dan buy 1 entry 4.00     | 4 waits for 4.00
  5 ann sell 1 @ 5.00        | 5 open 1
  6 cid buy 1 @ 5.00         | 1 @ 5.00 with 5, 5 filled, 6 filled, 3 triggered, 1 @ 4.00 with 1, 1 filled, 3 filled, 4 triggered, 1 @ 6.00 with 2, 2 filled, 4 filled
  empty
`,
);

test(
  'a waiting order holds what it may cost, and gives it back when it is canceled',
  plays,
  `
  1 bob buy 2 @ 5.00 entry 4.00    | 1 waits for 4.00, bob 0+1000 USD
  2 bob buy 1 @ 0.01               | refused insufficient_funds
  3 bob buy 1 entry 4.00           | refused stop_unbounded
  4 bob sell for 9.00 loss 4.00    | refused stop_unbounded
  5 bob amend 1 to 1               | 1 waits for 4.00, bob 500+500 USD
  6 bob amend 1 @ 4.00 stop 3.00   | 1 waits for 3.00, bob 600+400 USD
  7 bob amend 1 @ 99.00            | refused insufficient_funds
  8 ann cancel 1                   | refused order_not_resting
  9 bob cancel 1                   | 1 canceled 1, bob 1000 USD
  10 bob buy for 9.00 entry 4.00   | 10 waits for 4.00, bob 100+900 USD
  11 ann sell 1 @ 4.00             | 11 open 1, ann 8+1 CARD
  12 ann sell 2 @ 5.00             | 12 open 2, ann 6+3 CARD
  13 cid buy 1                     | 1 @ 4.00 with 11, 11 filled, 13 filled, 10 triggered, 1 @ 5.00 with 12, 10 filled, cid 100 USD, ann 900 USD, ann 6+1 CARD, cid 1 CARD, bob 500 USD, bob 1 CARD
  ask 5.00 12:1
`,
  { purse: 'ann 9 CARD, bob 1000 USD, cid 500 USD' },
);

test(
  'a stop order does its own self-trade prevention when it comes in',
  plays,
  `
  1 ann sell 1 @ 5.00          | 1 open 1
  2 bob buy 2 @ 4.00           | 2 open 2
  3 bob sell 1 cn loss 5.00    | 3 waits for 5.00
  4 cid buy 1 @ 5.00           | 1 @ 5.00 with 1, 1 filled, 4 filled, 3 triggered, 3 self_trade 1
  bid 4.00 2:2
`,
);

test(
  'an amend names only what an order has',
  plays,
  `
  1 ann sell 1 @ 5.00          | 1 open 1
  2 ann amend 1 stop 4.00      | refused not_amendable
  3 ann amend 1 until 9        | refused not_amendable
  4 bob sell 1 loss 4.00       | 4 waits for 4.00
  5 bob amend 4 @ 3.00         | refused not_amendable
  6 bob amend 4 to 2 stop 3.50 | 4 waits for 3.50
  7 bob amend 4 until 9        | refused not_amendable
  ask 5.00 1:1
`,
);

test(
  'an order expires with the first time that is not before its own, and trades until then',
  plays,
  `
  1 ann sell 2 @ 5.00 until 9            | 1 open 2
  2 bob sell 1 @ 4.00 loss 4.00 until 8  | 2 waits for 4.00
  3 time 7                               | ok
  4 cid buy 1 @ 5.00                     | 1 @ 5.00 with 1, 4 filled
  5 time 8                               | 2 expired 1
  6 ann amend 1 until 12                 | 1 amended 2 @ 5.00 left 1 kept
  7 time 11                              | ok
  8 cid buy 1 @ 4.00 until 5             | 8 open 1
  9 time 12                              | 8 expired 1, 1 expired 1
  10 cid buy 1 @ 5.00                    | 10 open 1
  bid 5.00 10:1
`,
);

test(
  'a time expires as many orders as a command may meet, those first whose time came first',
  plays,
  `
  1 product A-USD online makers 2  | ok
  2 ann sell 1 @ 5.00 until 9      | 2 open 1
  3 ann sell 1 @ 6.00 until 8      | 3 open 1
  4 ann sell 1 @ 7.00 until 9      | 4 open 1
  5 ann buy 1 @ 1.00 until 10      | 5 open 1
  6 time 9                         | 3 expired 1, 2 expired 1
  7 time 9                         | 4 expired 1
  bid 1.00 5:1
`,
);

test(
  'what a funded order that expired had on hold is available again',
  plays,
  `
  1 bob buy 1 @ 5.00 until 9  | 1 open 1, bob 500+500 USD
  2 time 9                    | 1 expired 1, bob 1000 USD
  empty
`,
  { purse: 'bob 1000 USD' },
);

test(
  'an order of its own trader counts: a stop order is met by the side that takes and by the side that rests',
  plays,
  `
  1 ann sell 2 @ 5.00            | 1 open 2
  2 ann buy 1 @ 3.00 entry 5.00  | 2 waits for 5.00
  3 bob sell 1 @ 9.00 loss 5.00  | 3 waits for 5.00
  4 bob buy 1 @ 5.00             | 1 @ 5.00 with 1, 4 filled, 3 triggered, 3 open 1, 2 triggered, 2 open 1
  ask 9.00 3:1
  ask 5.00 1:1
  bid 3.00 2:1
`,
);

test(
  'self-trade prevention is no trade, and meets no stop order',
  plays,
  `
  1 ann sell 1 @ 5.00            | 1 open 1
  2 bob sell 1 @ 9.00 loss 5.00  | 2 waits for 5.00
  3 ann buy 1 @ 5.00 cb          | 1 self_trade 1, 3 self_trade 1
  4 ann sell 1 @ 5.00            | 4 open 1
  ask 5.00 4:1
`,
);

test(
  'a stop order that came in is not compared again: a later trade beyond its stop price does nothing to it',
  plays,
  `
  1 ann sell 1 @ 5.00            | 1 open 1
  2 bob sell 1 @ 9.00 loss 5.00  | 2 waits for 5.00
  3 cid buy 1 @ 5.00             | 1 @ 5.00 with 1, 1 filled, 3 filled, 2 triggered, 2 open 1
  4 ann sell 1 @ 4.00            | 4 open 1
  5 cid buy 1 @ 4.00             | 1 @ 4.00 with 4, 4 filled, 5 filled
  6 bob amend 2 stop 3.00        | refused not_amendable
  ask 9.00 2:1
`,
);

test(
  'nothing comes between trigger and entry: a cancel behind the command that met a stop order finds it in the book or gone',
  plays,
  `
  1 ann sell 2 @ 5.00            | 1 open 2
  2 bob sell 1 @ 9.00 loss 5.00  | 2 waits for 5.00
  3 bob buy 1 loss 5.00          | 3 waits for 5.00
  4 cid buy 1 @ 5.00             | 1 @ 5.00 with 1, 4 filled, 2 triggered, 2 open 1, 3 triggered, 1 @ 5.00 with 1, 1 filled, 3 filled
  5 bob cancel 3                 | refused order_not_resting
  6 bob cancel 2                 | 2 canceled 1
  empty
`,
);

test(
  'the funds of a stop order cannot be spent meanwhile, and pay for it when it comes in',
  plays,
  `
  1 bob buy 1 @ 6.00 entry 5.00  | 1 waits for 5.00, bob 400+600 USD
  2 bob buy 1 @ 5.00             | refused insufficient_funds
  3 bob withdraw 401 USD         | refused insufficient_funds
  4 ann sell 2 @ 5.00            | 4 open 2, ann 7+2 CARD
  5 cid buy 1 @ 5.00             | 1 @ 5.00 with 4, 5 filled, 1 triggered, 1 @ 5.00 with 4, 4 filled, 1 filled, cid 0 USD, ann 1000 USD, ann 7 CARD, cid 1 CARD, bob 500 USD, bob 1 CARD
  empty
`,
  { purse: 'ann 9 CARD, bob 1000 USD, cid 500 USD' },
);

test(
  'a refused order meets nothing, and changes neither those that wait nor their holds',
  plays,
  `
  1 bob sell 1 @ 9.00 loss 5.00  | 1 waits for 5.00, bob 8+1 CARD
  2 ann sell 1 @ 5.00            | refused insufficient_funds
  3 bob sell 9 @ 1.00 loss 4.00  | refused insufficient_funds
  4 bob amend 1 to 10            | refused insufficient_funds
  5 bob cancel 1                 | 1 canceled 1, bob 9 CARD
  empty
`,
  { purse: 'bob 9 CARD, ann 1 USD' },
);

test(
  'what stands between a fill and a time decides: filled first it expires no more, expired first it trades no more',
  plays,
  `
  1 ann sell 1 @ 5.00 until 9    | 1 open 1
  2 ann sell 1 @ 5.00 until 9    | 2 open 1
  3 cid buy 1 @ 5.00             | 1 @ 5.00 with 1, 1 filled, 3 filled
  4 time 9                       | 2 expired 1
  5 cid buy 1 @ 5.00             | 5 open 1
  bid 5.00 5:1
`,
);

test(
  'an amend may put an expiry off, or bring it forward, and costs no place',
  plays,
  `
  1 ann sell 1 @ 5.00 until 9    | 1 open 1
  2 bob sell 1 @ 5.00 until 9    | 2 open 1
  3 ann amend 1 until 20         | 1 amended 1 @ 5.00 left 1 kept
  4 bob amend 2 until 5          | 2 amended 1 @ 5.00 left 1 kept
  5 time 5                       | 2 expired 1
  6 time 9                       | ok
  7 cid buy 1 @ 5.00             | 1 @ 5.00 with 1, 1 filled, 7 filled
  8 time 20                      | ok
  empty
`,
);

test(
  'a stop order that was triggered expires as it would have, waiting or not',
  plays,
  `
  1 ann sell 1 @ 5.00                     | 1 open 1
  2 bob sell 1 @ 9.00 loss 5.00 until 9   | 2 waits for 5.00
  3 cid buy 1 @ 5.00                      | 1 @ 5.00 with 1, 1 filled, 3 filled, 2 triggered, 2 open 1
  4 time 9                                | 2 expired 1
  empty
`,
);

/** A ladder of bids, each with a loss that its trade meets. */
function cascadeOf(count: number): Command[] {
  const bids = Array.from({ length: count }, (_, i) => placeCommand({ price: 10_000 - i }));
  const losses = Array.from({ length: count - 1 }, (_, i) =>
    placeCommand({
      ...{ traderId: 2, side: 'sell', price: null, timeInForce: 'IOC' },
      ...{ stop: 'loss', stopPrice: 10_000 - i },
    }),
  );
  return [productCommand(), ...bids, ...losses, placeCommand({ traderId: 3, side: 'sell', price: 1 })];
}

test('a cascade of a thousand stop orders belongs to one command, however many runs it takes', async (t) => {
  const commands = cascadeOf(1_000);
  const after = placeCommand({ traderId: 4, price: 3 });
  const reports = [];
  for (const steps of [1_000_000, 500]) {
    const engine = await openEngine(redis, newShard());
    await submitAll(engine, [...commands, after]);
    let cascading = 0;
    for (;;) {
      const run = await match(redis, engine.shard, { size: 1_000, steps });
      if (run.applied === 0 && run.steps === 0) break;
      t.true(run.steps < steps + 60);
      if (await redis.hexists(shardKeys(engine.shard).state, 'cascade')) cascading++;
    }
    t.is(cascading > 3, steps === 500);
    t.is(await redis.exists(shardKeys(engine.shard).cascade), 0);
    reports.push(await readReports(engine));
  }
  t.deepEqual(reports[0], reports[1]);
  const [cascade, last] = reports[0]!.slice(-2);
  t.is(cascade!.events.filter(({ kind }) => kind === 'activate').length, 999);
  t.deepEqual(last!.events, [{ kind: 'open', orderId: last!.sequence, remaining: 1 }]);
});

/** The worst shape: all are met by one trade, and rest at one price, each behind those before it. */
test('a cascade of ten thousand stop orders leaves room for others after every 250', async (t) => {
  const count = 10_000;
  const stop = placeCommand({
    ...{ traderId: 2, side: 'sell', price: 900, stop: 'loss', stopPrice: 500 },
  });
  const engine = await openEngine(redis, newShard());
  const stops = Array.from({ length: count }, () => stop);
  await submitAll(engine, [productCommand(), placeCommand({ price: 500 }), ...stops]);
  await matchAll(engine, 1_000);
  await submitAll(engine, [placeCommand({ traderId: 3, side: 'sell', price: 500 })]);
  const ran: number[] = [];
  for (;;) {
    const { applied, steps } = await match(redis, engine.shard, 1_000);
    if (applied === 0 && steps === 0) break;
    ran.push(steps);
  }
  t.is(ran.length, 40);
  // The last stop order of a run is let in with a step left at least, and counts as 40.
  t.true(Math.max(...ran) < usualRunSteps + 40, `${Math.max(...ran)} steps`);
  const cascade = (await readReports(engine)).at(-1)!;
  t.is(cascade.events.filter(({ kind }) => kind === 'activate').length, count);
});
