import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import type { DatabasePool } from 'slonik';
import { loadView } from '../../api/market-data/load-view.ts';
import { keysOfShard, shardKeys } from '../../core/keys.ts';
import { type Command, encodeCommand } from '../../core/wire/commands.ts';
import { match, usualRunSteps } from '../../matcher/client.ts';
import { decideContinuation, type Wish } from '../../scripts/ops/rebuild/continuation.ts';
import { rebuild } from '../../scripts/ops/rebuild/rebuild.ts';
import { judgePartitions } from '../../scripts/ops/retention/partitions.ts';
import { retire } from '../../scripts/ops/retention/retire.ts';
import { withPostgres } from '../../sql/with-postgres.ts';
import { batchCommand, depositCommand, placeCommand, productCommand } from '../support/commands.ts';
import { matchAll, openEngine, readReports, submitAll } from '../support/engine.ts';
import { addFundedShard, start } from '../support/funded-shard.ts';
import { applyAllNaively, newNaiveExchange } from '../support/naive-book.ts';
import { useRedis } from '../support/redis.ts';
import { readStored, storedFor } from '../support/stored.ts';
import { persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const productIds = ['A-USD', 'B-USD'];
const funding = { baseCurrency: 'A', baseUnits: 2, quoteCurrency: 'USD', quoteUnits: 3 };
const ofB = { productId: 'B-USD', size: 1 };

const before: Command[] = [
  productCommand({ funding }),
  productCommand({ productId: 'B-USD', rules: { ...productCommand().rules, collar: 300_000 } }),
  ...[1, 2].map((traderId) =>
    depositCommand({ traderId, currency: 'USD', amount: 600, transferId: `t-${traderId}` }),
  ),
  placeCommand({ ...ofB, traderId: 3, price: 500 }),
  placeCommand({ ...ofB, traderId: 4, price: 500, side: 'sell' }),
  placeCommand({ ...ofB, traderId: 3, price: 480 }),
  placeCommand({ ...ofB, traderId: 3, price: 400 }),
  placeCommand({ ...ofB, traderId: 3, price: 340 }),
  placeCommand({ ...ofB, traderId: 4, side: 'sell', price: 300, stop: 'loss', stopPrice: 450 }),
];
/** Its trades are at 480 and 400. The stop order sells no cheaper than 350, which is as far from the trade before the batch as may be. */
const placed: Command[] = [
  batchCommand({ count: 5 }),
  placeCommand({ ...ofB, side: 'sell', price: 480 }),
  placeCommand({ traderId: 2, price: 100, size: 1 }),
  placeCommand({ ...ofB, side: 'sell', price: 400 }),
  placeCommand({ ...ofB, side: 'sell', price: 600 }),
  placeCommand({ price: 150, size: 1 }),
];
const refused: Command[] = [
  batchCommand({ count: 4 }),
  placeCommand({ traderId: 2, price: 50, size: 1 }),
  placeCommand({ traderId: 2, price: 51, size: 1 }),
  placeCommand({ productId: 'none' }),
  placeCommand({ traderId: 2, price: 50, size: 1 }),
];
const commands = [...before, ...placed, ...refused, placeCommand({ traderId: 2, price: 100, size: 1 })];

/** The trades before the batches fill a partition, which has no open order. */
const partitionSize = before.length - 4;

/** Accepts commands, and has PostgreSQL take those up to a sequence. */
async function takeUpTo(t: ExecutionContext, checkpoint: number, accepted: readonly Command[] = commands) {
  const { shard, url, pool } = await addFundedShard(t, newShard());
  const engine = await openEngine(redis, shard, start);
  await submitAll(engine, accepted);
  await match(redis, shard, { size: 1_000, steps: usualRunSteps, through: checkpoint });
  const writer = await startWriter(url, shard, { partitionSize });
  await persistedThrough(pool, shard, checkpoint);
  await writer.stop();
  return { shard, url, pool, engine };
}

/** Takes out of PostgreSQL what may go. Returns the first sequences of the partitions. */
async function retireAll(t: ExecutionContext, { url, pool }: { url: string; pool: DatabasePool }) {
  const folder = mkdtempSync(`${tmpdir()}/rebuild-batch-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const verdicts = await judgePartitions(pool, Date.now());
  const going = verdicts.filter(({ kept }) => kept === null);
  await withPostgres(url, async (client) => {
    for (const verdict of going) await retire({ client, folder, drop: true, say: () => {} }, verdict);
  });
  return going.map(({ from }) => from - start);
}

type Loss = { readonly wish: Partial<Wish>; readonly archives?: boolean };

/** Loses Redis when PostgreSQL has the commands up to a sequence, and fills it again. */
async function loseAfter(t: ExecutionContext, checkpoint: number, { wish, archives = false }: Loss) {
  const taken = await takeUpTo(t, checkpoint);
  const { shard, pool, engine } = taken;
  const view = await loadView(pool, shard);
  if (archives) t.deepEqual(await retireAll(t, taken), [1]);
  t.deepEqual(await loadView(pool, shard), view);
  await redis.unlink(...(await redis.keys(keysOfShard(shard))));
  const rebuilt = await pool.connect((connection) =>
    rebuild({
      ...{ redis, connection, shard },
      windowMs: 60_000,
      decide: async (at) => decideContinuation(at, 1_000, { found: null, after: null, lost: null, ...wish }),
      progress: () => {},
    }),
  );
  return { engine, rebuilt };
}

const first = start + before.length + 1;
const last = first + placed.length + refused.length - 1;

for (const archives of [false, true])
  test(`a batch in whose midst PostgreSQL was goes on as it had begun${archives ? ', also when the trades before it were archived' : ''}`, async (t) => {
    t.timeout(300_000);
    const naive = newNaiveExchange(start);
    const expected = applyAllNaively(naive, commands);
    const activated = expected.findIndex(({ events }) => events.some(({ kind }) => kind === 'activate'));
    t.is(activated, before.length + 4, 'the stop order acts after the last order of its product');
    const end = archives ? first + placed.length - 1 : last;
    for (let checkpoint = first; checkpoint < end; checkpoint++) {
      const found = new Map(
        commands
          .map((command, i) => [start + 1 + i, encodeCommand(command)] as const)
          .slice(checkpoint - start),
      );
      const { engine } = await loseAfter(t, checkpoint, { wish: { found, lost: 'resubmit' }, archives });
      t.is(await matchAll(engine, 2), commands.length - (checkpoint - start));
      t.deepEqual(
        await readReports(engine),
        expected.slice(checkpoint - start),
        `after ${checkpoint - start}`,
      );
      const stored = await readStored(engine, productIds);
      // That no stop order waits is said by 0 or by nothing.
      stored.counters['stops:B-USD'] ??= '0';
      t.deepEqual(
        stored,
        storedFor(naive, start + commands.length, checkpoint),
        `after ${checkpoint - start}`,
      );
    }
  });

test('the sequences of a batch were given together, and are void if the rest of it is lost', async (t) => {
  const { engine, rebuilt } = await loseAfter(t, first + 1, { wish: { after: 'checkpoint' } });
  t.like(rebuilt, { sequence: first + placed.length - 1, resubmitted: 0, voided: placed.length - 2 });
  await matchAll(engine);
  const state = await redis.hgetall(shardKeys(engine.shard).state);
  t.like(state, { matched: String(rebuilt.sequence), batch: undefined });
  t.deepEqual(
    (await readReports(engine)).map(({ rejectReason }) => rejectReason),
    new Array(placed.length - 2).fill('product_not_found'),
  );
});

test('no partition leaves while a rebuild may need it for the batch in whose midst PostgreSQL is', async (t) => {
  const count = 2 * partitionSize;
  const orders = Array.from({ length: count }, () => placeCommand({ productId: 'none' }));
  const accepted = [productCommand(), batchCommand({ count }), ...orders, productCommand({ version: 2 })];
  const inBatch = await takeUpTo(t, start + count, accepted);
  t.deepEqual(await retireAll(t, inBatch), []);
  const behind = await takeUpTo(t, start + accepted.length, accepted);
  t.deepEqual(await retireAll(t, behind), [1, 1 + partitionSize]);
});
