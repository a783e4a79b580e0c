import test from 'ava';
import { noRules } from '../../core/product.ts';
import type { Command, Place } from '../../core/wire/commands.ts';
import { match } from '../../matcher/client.ts';
import { depositCommand, oneToOne, placeCommand, productCommand } from '../support/commands.ts';
import { openEngine, readReports, submitAll } from '../support/engine.ts';
import { scenarios } from '../support/plays.ts';
import { useRedis } from '../support/redis.ts';

const plays = scenarios();
const { redis, newShard } = useRedis();

test(
  'an order meets as many makers as its product allows, and what remains is canceled',
  plays,
  `
  1 product A-USD online makers 2      | ok
  2 bob sell 1 @ 5.00                  | 2 open 1
  3 bob sell 1 @ 5.00                  | 3 open 1
  4 bob sell 1 @ 5.00                  | 4 open 1
  5 cid buy 9 @ 5.00                   | 1 @ 5.00 with 2, 2 filled, 1 @ 5.00 with 3, 3 filled, 5 maker_limit 7
  ask 5.00 4:1
`,
);

test(
  'an order that has no more to trade is not canceled for the makers that it met',
  plays,
  `
  1 product A-USD online makers 2  | ok
  2 bob sell 1 @ 5.00              | 2 open 1
  3 bob sell 1 @ 5.00              | 3 open 1
  4 bob sell 1 @ 6.00              | 4 open 1
  5 cid buy 3 @ 5.00               | 1 @ 5.00 with 2, 2 filled, 1 @ 5.00 with 3, 3 filled, 5 open 1
  6 cid buy 1 @ 6.00               | 1 @ 6.00 with 4, 4 filled, 6 filled
  7 bob sell 1 @ 5.00              | 1 @ 5.00 with 5, 5 filled, 7 filled
  empty
`,
);

test(
  'an order that must fill whole and would meet too many is canceled before it trades',
  plays,
  `
  1 product A-USD online makers 2  | ok
  2 bob sell 1 @ 5.00              | 2 open 1
  3 bob sell 1 @ 5.00              | 3 open 1
  4 bob sell 1 @ 5.00              | 4 open 1
  5 cid buy 3 @ 5.00 fok           | 5 maker_limit 3
  6 cid buy 3 @ 4.00 fok           | 6 time_in_force 3
  7 cid buy 2 @ 5.00 fok           | 1 @ 5.00 with 2, 2 filled, 1 @ 5.00 with 3, 3 filled, 7 filled
  8 cid buy 3 @ 5.00 fok           | 8 time_in_force 3
  ask 5.00 4:1
`,
);

test(
  "one's own orders that prevention cancels are makers too",
  plays,
  `
  1 product A-USD online makers 2  | ok
  2 ann sell 1 @ 5.00              | 2 open 1
  3 ann sell 1 @ 5.00              | 3 open 1
  4 ann sell 1 @ 5.00              | 4 open 1
  5 ann buy 1 @ 5.00 co            | 2 self_trade 1, 3 self_trade 1, 5 maker_limit 1
  ask 5.00 4:1
`,
);

test(
  'an amended order meets no more than a new one',
  plays,
  `
  1 product A-USD online makers 1  | ok
  2 ann buy 3 @ 4.00               | 2 open 3
  3 bob sell 1 @ 5.00              | 3 open 1
  4 bob sell 1 @ 5.00              | 4 open 1
  5 ann amend 2 @ 5.00             | 2 amended 3 @ 5.00 left 3 moved, 1 @ 5.00 with 3, 3 filled, 2 maker_limit 2
  ask 5.00 4:1
`,
);

test(
  'funds alone buy no more than the largest size, and are not said to be used up',
  plays,
  `
  1 product A-USD online size 2  | ok
  2 bob sell 9 @ 5.00            | 2 open 9
  3 cid buy for 30.00            | 2 @ 5.00 with 2, 3 size_limit
  4 cid buy for 10.00            | 2 @ 5.00 with 2, 4 filled
  5 cid buy for 14.99            | 2 @ 5.00 with 2, 5 filled
  6 cid buy 2 for 30.00          | 2 @ 5.00 with 2, 6 filled
  ask 5.00 2:1
`,
);

test(
  'what a market order by size would pay counts the makers that it may meet',
  plays,
  `
  1 product A-USD online makers 1  | ok
  2 bob sell 1 @ 5.00              | 2 open 1, bob 0+1 CARD
  3 bob sell 1 @ 6.00              | refused insufficient_funds
  4 cid buy 2                      | 1 @ 5.00 with 2, 2 filled, 4 no_liquidity 1, cid 100 USD, bob 500 USD, bob 0 CARD, cid 1 CARD
  empty
`,
  { purse: 'bob 1 CARD, cid 600 USD' },
);

test(
  'an amend to an amount that is not exact is refused',
  plays,
  `
  1 ann buy 9007199254740991 @ 0.01                 | 1 open 9007199254740991
  2 ann amend 1 @ 90000000.00                       | refused too_large
  3 ann amend 1 to 1000000 @ 90000000.00            | 1 amended 1000000 @ 90000000.00 left 1000000 moved, 1 open 1000000
  4 ann amend 1 to 1000800 @ 90000000.00            | refused too_large
  bid 90000000.00 1:1000000
`,
);

const makers = 400;
const [orders, funds] = [300, 1_000_000_000];
const sell = { side: 'sell', price: null, timeInForce: 'IOC', selfTradePrevention: 'dc' } as const;

/** What trader 9 sends again and again, of which nothing trades. */
const checks: Record<string, (i: number) => Place[]> = {
  'market sells that nobody can pay for': () => [placeCommand({ ...sell, traderId: 9, size: null, funds })],
  'orders that cannot fill whole': () => [
    placeCommand({ traderId: 9, side: 'sell', price: 1, size: 1_000, timeInForce: 'FOK' }),
  ],
  'checks between orders that change the best price': (i) => [
    placeCommand({ traderId: 8, price: 600 + i, size: 1, timeInForce: 'GTC' }),
    placeCommand({ traderId: 9, side: 'sell', price: 1, size: 100_000, timeInForce: 'FOK' }),
  ],
};

for (const [what, commandsOf] of Object.entries(checks)) {
  test(`a thousand ${what} cost a run one walk`, async (t) => {
    const engine = await openEngine(redis, newShard());
    const rules = { ...noRules, maxMakers: makers };
    const book: Command[] = [
      productCommand({ funding: oneToOne, rules }),
      depositCommand({ traderId: 1, amount: 1_000_000_000, transferId: 'a' }),
      depositCommand({ traderId: 8, amount: 1_000_000_000, transferId: 'b' }),
      depositCommand({ traderId: 9, currency: 'CARD', amount: orders - 1, transferId: 'c' }),
      ...Array.from({ length: makers }, (_, i) => placeCommand({ price: 500 - i, size: 1 })),
    ];
    await submitAll(engine, [...book, ...Array.from({ length: 500 }, (_, i) => commandsOf(i)).flat()]);
    await match(redis, engine.shard, book.length);
    const { applied, steps } = await match(redis, engine.shard, { size: 1_000, steps: 1_000_000 });
    t.true(applied >= 500);
    t.true(
      steps < 250 * applied,
      `${steps} steps for ${applied} commands, each of which would visit ${orders} orders`,
    );
    const refused = (await readReports(engine)).slice(-applied).filter(({ rejectReason }) => rejectReason);
    t.deepEqual([...new Set(refused.map(({ rejectReason }) => rejectReason))], ['insufficient_funds']);
  });
}

test('a run ends with the command that reaches its steps', async (t) => {
  const engine = await openEngine(redis, newShard());
  const asks = Array.from({ length: 40 }, () => placeCommand({ side: 'sell' }));
  const buys = Array.from({ length: 4 }, () => placeCommand({ traderId: 2, size: 10 }));
  await submitAll(engine, [productCommand(), ...asks, ...buys]);
  const bounds = { size: 1_000, steps: 100 };
  const applied: number[] = [];
  for (let run = await match(redis, engine.shard, bounds); run.applied > 0; ) {
    applied.push(run.applied);
    run = await match(redis, engine.shard, bounds);
  }
  t.deepEqual(applied, [43, 2]);
});

test('hundreds of checks that look as deep as they may fit into a few runs', async (t) => {
  const engine = await openEngine(redis, newShard());
  const deep = Array.from({ length: 2_600 }, (_, i) => placeCommand({ price: 5_000 - i, size: 1 }));
  const check = placeCommand({ traderId: 9, side: 'sell', price: 1, size: 1_000_000, timeInForce: 'FOK' });
  const checks = Array.from({ length: 300 }, () => check);
  await submitAll(engine, [productCommand({ rules: { ...noRules, maxMakers: 2_500 } }), ...deep, ...checks]);
  for (let matched = 0; matched < deep.length + 1; )
    ({ matched } = await match(redis, engine.shard, Math.min(1_000, deep.length + 1 - matched)));
  let runs = 0;
  for (let run = await match(redis, engine.shard, 1_000); run.applied > 0; runs++)
    run = await match(redis, engine.shard, 1_000);
  t.true(runs <= 6, `${runs} runs`);
  const reports = (await readReports(engine)).slice(-checks.length);
  t.true(reports.every(({ events }) => events[0]?.kind === 'done' && events[0].reason === 'maker_limit'));
});
