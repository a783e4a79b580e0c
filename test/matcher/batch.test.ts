import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { match } from '../../matcher/client.ts';
import { batchCommand, placeCommand, productCommand } from '../support/commands.ts';
import { matchAll, openEngine, play, readReports, submitAll } from '../support/engine.ts';
import { scenarios } from '../support/plays.ts';
import { useRedis } from '../support/redis.ts';

const plays = scenarios();
const { redis, newShard } = useRedis();

test(
  'the orders of a batch come in one after the other, each an order like any other',
  plays,
  `
  1 bob sell 2 @ 5.00         | 1 open 2
  2 batch 4                   | ok
  3 ann buy 1 @ 5.00          | 1 @ 5.00 with 1, 3 filled
  4 cid buy 3 @ 5.00 until 9  | 1 @ 5.00 with 1, 1 filled, 4 open 2
  5 ann buy 1 @ 4.00 in B-USD | 5 open 1
  6 ann buy 1 @ 6.00 ioc      | 6 time_in_force 1
  7 bob sell 1 @ 5.00         | 1 @ 5.00 with 4, 7 filled
  bid 5.00 4:1
`,
);

test(
  'if one is refused, all are, and only it says why',
  plays,
  `
  1 bob sell 2 @ 5.00         | 1 open 2
  2 batch 3                   | refused all_or_none
  3 ann buy 1 @ 5.00          | refused all_or_none
  4 ann buy 1 @ 5.00 post     | refused post_only
  5 ann buy 1 @ 4.00          | refused all_or_none
  6 ann buy 1 @ 4.00          | 6 open 1
  ask 5.00 1:2
  bid 4.00 6:1
`,
);

test(
  'each order is refused for the reason of a single one',
  plays,
  `
  1 bob sell 2 @ 5.00         | 1 open 2
  2 freeze bob                | ok
  3 product B-USD cancel_only | ok
  4 batch 5                   | refused all_or_none
  5 ann buy 1 @ 4.00          | refused all_or_none
  6 bob buy 1 @ 4.00          | refused trader_frozen
  7 ann buy 1 @ 4.00 in B-USD | refused cancel_only
  8 ann buy 1 @ 4.00 in C-USD | refused product_not_found
  9 ann buy 1 @ 6.00 post     | refused post_only
  ask 5.00 1:2
`,
);

test(
  'what is refused or changed before a batch counts, and what comes after it does not',
  plays,
  `
  1 product A-USD offline | ok
  2 batch 1               | refused all_or_none
  3 ann buy 1 @ 5.00      | refused offline
  4 product A-USD online  | ok
  5 batch 1               | ok
  6 ann buy 1 @ 5.00      | 6 open 1
  7 product A-USD offline | ok
  bid 5.00 6:1
`,
);

test(
  'a post-only order is refused if it would trade with an earlier one that may rest, though that one trades first',
  plays,
  `
  1 bob sell 1 @ 5.00     | 1 open 1
  2 batch 2               | refused all_or_none
  3 ann buy 1 @ 5.00      | refused all_or_none
  4 cid sell 1 @ 5.00 post | refused post_only
  5 batch 2               | ok
  6 ann buy 2 @ 4.00 ioc  | 6 time_in_force 2
  7 cid sell 1 @ 4.00 post | 7 open 1
  8 batch 2               | ok
  9 ann buy 1 @ 3.00      | 9 open 1
  10 cid sell 1 @ 3.01 post | 10 open 1
  ask 5.00 1:1
  ask 4.00 7:1
  ask 3.01 10:1
  bid 3.00 9:1
`,
);

test(
  'an order that the batch itself takes from the book still counts for a post-only one',
  plays,
  `
  1 bob sell 1 @ 5.00      | 1 open 1
  2 batch 2                | refused all_or_none
  3 ann buy 1 @ 5.00 ioc   | refused all_or_none
  4 ann buy 1 @ 5.00 post  | refused post_only
  5 ann buy 1 @ 5.00 ioc   | 1 @ 5.00 with 1, 1 filled, 5 filled
  6 ann buy 1 @ 5.00 post  | 6 open 1
  bid 5.00 6:1
`,
);

test(
  'what the orders may cost is summed by account, and what trades bring in does not count',
  plays,
  `
  1 bob buy 1 @ 5.00       | 1 open 1, bob 0+500 USD
  2 batch 2                | refused all_or_none
  3 ann buy 1 @ 6.00       | refused all_or_none
  4 ann buy 1 @ 5.00       | refused insufficient_funds
  5 batch 2                | refused all_or_none
  6 ann sell 1 @ 5.00      | refused all_or_none
  7 ann buy 1 @ 15.00      | refused insufficient_funds
  8 batch 2                | ok
  9 ann sell 1 @ 5.00      | 1 @ 5.00 with 1, 1 filled, 9 filled, ann 1 CARD, bob 0 USD, ann 1500 USD, bob 1 CARD
  10 ann buy 1 @ 10.00     | 10 open 1, ann 500+1000 USD
  bid 10.00 10:1
`,
  { purse: 'ann 1000 USD, ann 2 CARD, bob 500 USD' },
);

test(
  'an order that is refused itself costs those behind it nothing',
  plays,
  `
  1 batch 3            | refused all_or_none
  2 ann buy 1 @ 11.00  | refused insufficient_funds
  3 ann buy 1 @ 6.00   | refused all_or_none
  4 ann buy 1 @ 5.00   | refused insufficient_funds
  empty
`,
  { purse: 'ann 1000 USD' },
);

test(
  'stop orders act after the last order of their product, as if all trades there were its own',
  plays,
  `
  1 bob buy 1 @ 5.00                  | 1 open 1
  2 bob buy 1 @ 4.00                  | 2 open 1
  3 bob buy 1 @ 3.00                  | 3 open 1
  4 cid sell 2 @ 3.50 loss 5.00       | 4 waits for 5.00
  5 cid sell 1 @ 6.00 loss 4.00       | 5 waits for 4.00
  6 batch 4                           | ok
  7 ann sell 1 @ 5.00                 | 1 @ 5.00 with 1, 1 filled, 7 filled
  8 ann sell 1 @ 1.00 in B-USD        | 8 open 1
  9 ann buy 1 @ 3.50 post             | 9 open 1, 4 triggered, 1 @ 4.00 with 2, 2 filled, 1 @ 3.50 with 9, 9 filled, 4 filled, 5 triggered, 5 open 1
  10 ann sell 1 @ 2.00 in B-USD       | 10 open 1
  ask 6.00 5:1
  bid 3.00 3:1
`,
);

test(
  'a batch with another order than a limit order is refused',
  plays,
  `
  1 batch 2                     | refused all_or_none
  2 ann buy 1 @ 5.00            | refused all_or_none
  3 ann buy 1                   | refused all_or_none
  4 batch 2                     | refused all_or_none
  5 ann buy 1 @ 5.00 fok        | refused all_or_none
  6 ann sell 1 @ 5.00           | refused all_or_none
  7 batch 1                     | refused all_or_none
  8 ann sell 1 @ 5.00 loss 5.00 | refused all_or_none
  9 batch 2                     | refused all_or_none
  10 ann cancel 1               | refused order_not_resting
  11 ann sell 1 @ 5.00          | refused all_or_none
  empty
`,
);

test('a batch is not begun before the stream has all of its orders, wherever its entries end', async (t) => {
  const engine = await openEngine(redis, newShard());
  const first = [productCommand(), placeCommand(), batchCommand({ count: 3 }), placeCommand()];
  await submitAll(engine, first, [2]);
  t.is(await matchAll(engine), 2);
  t.is(await matchAll(engine), 0);
  await submitAll(engine, [placeCommand(), placeCommand({ productId: 'none' }), placeCommand()], [1]);
  t.is(await matchAll(engine), 5);
  t.deepEqual(
    (await readReports(engine)).map(({ rejectReason }) => rejectReason),
    [null, null, 'all_or_none', 'all_or_none', 'all_or_none', 'product_not_found', null],
  );
});

test('a batch whose orders the stream has lost is a gap', async (t) => {
  const engine = await openEngine(redis, newShard());
  await submitAll(
    engine,
    [productCommand(), batchCommand({ count: 2 }), placeCommand(), placeCommand()],
    [3],
  );
  const { commands } = shardKeys(engine.shard);
  await redis.xdel(commands, '0-4');
  await t.throwsAsync(match(redis, engine.shard, 10), { message: /GAP the commands stream lacks 4/ });
  t.is(await redis.xlen(shardKeys(engine.shard).events), 0);
});

for (const [what, funds, outcome] of [
  ['placed', 600, 'ok'],
  ['refused', 599, 'all_or_none'],
] as const) {
  test(`a large batch is ${what} whole, however many runs it takes, and is forgotten then`, async (t) => {
    const orders = Array.from({ length: 600 }, (_, i) => placeCommand({ price: 1, traderId: 1 + (i % 2) }));
    const commands = [
      productCommand({
        funding: { baseCurrency: 'CARD', baseUnits: 1, quoteCurrency: 'USD', quoteUnits: 2 },
      }),
      ...[1, 2].map((traderId) => ({
        ...({
          kind: 'deposit',
          traderId,
          currency: 'USD',
          amount: funds,
          transferId: `t-${traderId}`,
        } as const),
        ...{ time: 1, requestId: null },
      })),
      batchCommand({ count: orders.length }),
      ...orders,
    ];
    const expected = await play(await openEngine(redis, newShard()), commands, 1_000);
    const engine = await openEngine(redis, newShard());
    await submitAll(engine, commands);
    let underWay = 0;
    for (let run = await match(redis, engine.shard, 50); run.applied > 0; ) {
      underWay += await redis.hexists(shardKeys(engine.shard).state, 'batch');
      run = await match(redis, engine.shard, 50);
    }
    t.is(underWay, 12);
    t.deepEqual(await readReports(engine), expected);
    t.is(expected[3]!.rejectReason ?? 'ok', outcome);
    const placed = expected.filter(({ command, rejectReason }) => command.kind === 'place' && !rejectReason);
    t.is(placed.length, outcome === 'ok' ? 600 : 0);
  });
}
