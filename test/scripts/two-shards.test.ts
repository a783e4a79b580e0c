import test, { type ExecutionContext } from 'ava';
import type { DatabasePool } from 'slonik';
import { keysOfShard } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import type { Command } from '../../core/wire/commands.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { audit } from '../../scripts/ops/audit/audit.ts';
import { decideContinuation } from '../../scripts/ops/rebuild/continuation.ts';
import { rebuild } from '../../scripts/ops/rebuild/rebuild.ts';
import { replay } from '../../scripts/ops/replay/replay.ts';
import { openPool } from '../../sql/pool.ts';
import { type Engine, matchAll, openEngine, submitAll } from '../support/engine.ts';
import { start } from '../support/funded-shard.ts';
import { applyAllNaively, newNaiveExchange } from '../support/naive-book.ts';
import {
  addSecondShard,
  historyDatabase,
  inSecondShard,
  randomCommands,
  secondStart,
} from '../support/random-history.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { seed } from '../support/seed.ts';
import { readStored } from '../support/stored.ts';
import { persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const count = 1_200;

type Played = {
  readonly engine: Engine;
  /** The sequence before its first. */
  readonly start: number;
  readonly productIds: readonly string[];
  readonly commands: readonly Command[];
};

/** Two shards of one database, with the same traders, who pay in the same currency in both. */
let [first, second]: Played[] = [];
let url: string;
let pool: DatabasePool;
let drop: () => Promise<void>;

test.before(async (t) => {
  t.log(`SEED=${seed}`);
  const commands = randomCommands(count);
  const [one, other] = [newShard(), newShard()];
  ({ url, drop } = await historyDatabase(one));
  await addSecondShard(url, other);
  pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 2, statementTimeout: 10_000 });
  first = {
    ...{ engine: await openEngine(redis, one, start), start, commands },
    productIds: ['A-USD', 'B-USD'],
  };
  second = {
    ...{ engine: await openEngine(redis, other, secondStart), start: secondStart },
    ...{ commands: commands.map(inSecondShard), productIds: ['C-USD', 'D-USD'] },
  };
  await trade(second, 0, 700);
  await trade(first, 0, count);
  await trade(second, 700, count);
});
test.after.always(async () => {
  await pool?.end();
  await drop?.();
});

async function trade(played: Played, from: number, to: number): Promise<void> {
  const { engine, commands, start } = played;
  const writer = await startWriter(url, engine.shard, { partitionSize: 500, commitSize: 170 });
  await submitAll(engine, commands.slice(from, to), [1, 40, 300]);
  await matchAll(engine, 60);
  await persistedThrough(pool, engine.shard, start + to);
  await writer.stop();
}

async function assertHealthy(t: ExecutionContext, { engine: { shard }, start }: Played): Promise<void> {
  const result = await audit({ databaseUrl: url, redisUrl: redisUrl(), shard, progress: () => {} });
  const differences = Object.values(result.checks).flatMap((check) => check.first);
  t.deepEqual(differences, []);
  t.like(result, { first: start + 1, checkpoint: start + count, matched: start + count });
}

test.serial('each shard passes an audit of its own', async (t) => {
  for (const played of [first!, second!]) await assertHealthy(t, played);
});

test.serial('each shard is replayed by itself, and they come to the same books', async (t) => {
  const replayed = await Promise.all(
    [first!, second!].map(({ engine: { shard } }) =>
      replay({
        ...{ databaseUrl: url, redisUrl: redisUrl(), environment: readEnvironment(), shard },
        ...{ until: null, explain: null, depth: 10, resume: false, pageSize: 1_000, archives: null },
        ...{ signal: new AbortController().signal, progress: () => {}, takingIn: () => {} },
      }),
    ),
  );
  const [one, other] = replayed;
  t.deepEqual(
    replayed.map(({ first, last }) => [first, last]),
    [
      [start + 1, start + count],
      [secondStart + 1, secondStart + count],
    ],
  );
  t.deepEqual([other!.trades, other!.resting], [one!.trades, one!.resting]);
  const naive = newNaiveExchange(start);
  const events = applyAllNaively(naive, first!.commands).flatMap((report) => report.events);
  const trades = events.filter(({ kind }) => kind === 'match').length;
  t.true(trades > 0);
  t.deepEqual([one!.trades, one!.resting], [trades, naive.resting.length]);
});

test.serial('a shard that was lost is rebuilt, and the other stays as it is', async (t) => {
  const before = await storedOf(first!, second!);
  const { shard } = first!.engine;
  await redis.unlink(...(await redis.keys(keysOfShard(shard))));
  await pool.connect((connection) =>
    rebuild({
      ...{ redis, connection, shard, windowMs: 60_000, progress: () => {} },
      decide: async (checkpoint) =>
        decideContinuation(checkpoint, 1_000, { found: null, after: 'checkpoint', lost: null }),
    }),
  );
  t.deepEqual(await storedOf(first!, second!), before);
  for (const played of [first!, second!]) await assertHealthy(t, played);
});

const storedOf = (...played: Played[]) =>
  Promise.all(played.map(({ engine, productIds }) => readStored(engine, productIds)));
