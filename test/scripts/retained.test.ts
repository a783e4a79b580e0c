import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { keysOfShard } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import type { Command } from '../../core/wire/commands.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { audit } from '../../scripts/ops/audit/audit.ts';
import { decideContinuation } from '../../scripts/ops/rebuild/continuation.ts';
import { rebuild } from '../../scripts/ops/rebuild/rebuild.ts';
import { ArchivesNeededError, OtherArchiveError } from '../../scripts/ops/replay/archives.ts';
import { InterruptedError } from '../../scripts/ops/replay/namespace.ts';
import { type Replayed, type ReplayOptions, replay } from '../../scripts/ops/replay/replay.ts';
import { judgePartitions } from '../../scripts/ops/retention/partitions.ts';
import { retire } from '../../scripts/ops/retention/retire.ts';
import { openPool } from '../../sql/pool.ts';
import { withPostgres } from '../../sql/with-postgres.ts';
import { cancelCommand } from '../support/commands.ts';
import { execute } from '../support/database.ts';
import { type Engine, matchAll, openEngine, submitAll } from '../support/engine.ts';
import { randomCommands, start } from '../support/funded-shard.ts';
import { historyDatabase } from '../support/random-history.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { readStored } from '../support/stored.ts';
import { persistedThrough, startWriter } from '../support/writer.ts';

// What PostgreSQL can still prove, replay and rebuild once retention has taken partitions out of it.

const { redis, newShard } = useRedis();
const partitionSize = 200;
/** Between the partitions that go one stays, for the seed leaves orders in it open. */
const gone = [1, 201, 601];
const seed = 22;
const [early, all] = [1_200, 1_900];
const commands = randomCommands(seed, all);

let engine: Engine;
let url: string;
let pool: DatabasePool;
let folder: string;
let drop: () => Promise<void>;
let last = start;
/** As it was when nothing had left. */
let whole: Replayed;
let explained: Replayed;

test.before(async () => {
  const shard = newShard();
  ({ url, drop } = await historyDatabase(shard));
  folder = mkdtempSync(`${tmpdir()}/retained-`);
  pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 2, statementTimeout: 10_000 });
  engine = await openEngine(redis, shard, start);
  await trade(commands.slice(0, early));
  const cancels = await cancelsOfOpen();
  await trade(cancels);
  await trade(commands.slice(early).map((command) => behind(command, cancels.length)));
  whole = await replayAll();
  explained = await replayAll({ explain: await archivedTaker() });
  await retireOld();
});
test.after.always(async () => {
  await pool?.end();
  await drop?.();
  if (folder) rmSync(folder, { recursive: true });
});

async function trade(more: readonly Command[]): Promise<void> {
  const writer = await startWriter(url, engine.shard, { partitionSize, commitSize: 170 });
  await submitAll(engine, more, [1, 40, 300]);
  await matchAll(engine, 60);
  last += more.length;
  await persistedThrough(pool, engine.shard, last);
  await writer.stop();
}

const openRow = z.object({ orderId: z.number(), traderId: z.number() });

/** Of all that is open in the partitions that are to go. */
async function cancelsOfOpen(): Promise<Command[]> {
  const open = await pool.any(sql.type(openRow)`
    select id as "orderId", trader_id as "traderId" from orders where status in ('open', 'active')
      and (id - ${start + 1}::bigint) / ${partitionSize} = any(${sql.array(
        gone.map((from) => (from - 1) / partitionSize),
        'int8',
      )}) order by id`);
  return open.map((order) => cancelCommand(order));
}

/** The command as it names orders when it comes so many later. */
function behind(command: Command, by: number): Command {
  const isLater = 'orderId' in command && command.orderId > start + early;
  return isLater ? { ...command, orderId: command.orderId + by } : command;
}

const idRow = z.object({ id: z.number() });

async function archivedTaker(): Promise<number> {
  const { id } = await pool.one(sql.type(idRow)`
    select min(sequence) as id from trades where sequence = taker_order_id and sequence > ${start + 210}`);
  return id;
}

async function retireOld(): Promise<void> {
  await withPostgres(url, async (client) => {
    for (const verdict of await judgePartitions(pool, Date.now()))
      if (gone.includes(verdict.from - start))
        await retire({ client, folder, drop: true, say: () => {} }, verdict);
  });
}

function replayAll(options: Partial<ReplayOptions> = {}): Promise<Replayed> {
  return replay({
    ...{ databaseUrl: url, redisUrl: redisUrl(), archives: folder, environment: readEnvironment() },
    ...{ shard: engine.shard, until: null, explain: null, depth: 10, resume: false, pageSize: 70 },
    ...{ signal: new AbortController().signal, progress: () => {}, takingIn: () => {} },
    ...options,
  });
}

const auditAll = () =>
  audit({ databaseUrl: url, redisUrl: redisUrl(), shard: engine.shard, progress: () => {} });

test.serial('an audit takes what was archived as given, and checks all that came after', async (t) => {
  const { checks, ...result } = await auditAll();
  t.deepEqual(
    Object.values(checks).flatMap(({ first }) => first),
    [],
  );
  t.like(result, { first: start + 801, isWhole: false, checkpoint: last });
  t.is(checks.sequence.looked, last - start - 800);
  t.true(checks.ledger.looked > 100 && checks.orders.looked > 10);
  const { id } = await pool.one(sql.type(idRow)`select min(id) as id from orders where status = 'open'`);
  t.true(id < start + 601, 'an order is open that is older than what is covered');
});

/** Within what is covered, and where it meets what was archived. */
const tamperings: [says: string, change: string, putBack: string, noticed: 'balances' | 'trade ids'][] = [
  [
    'a balance',
    `update accounts set balance = balance + 7 where trader_id = 1 and currency = 'USD'`,
    `update accounts set balance = balance - 7 where trader_id = 1 and currency = 'USD'`,
    'balances',
  ],
  [
    'a trade number',
    `update trades set trade_id = trade_id + 1000000 where product_id = 'A-USD'
      and trade_id = (select max(trade_id) - 3 from trades where product_id = 'A-USD')`,
    `update trades set trade_id = trade_id - 1000000 where trade_id > 1000000`,
    'trade ids',
  ],
];

for (const [says, change, putBack, noticed] of tamperings)
  test.serial(`an audit after retention notices ${says}`, async (t) => {
    await execute(url, change);
    const { checks } = await auditAll();
    await execute(url, putBack);
    t.true(checks[noticed].differences > 0);
    t.deepEqual((await auditAll()).checks[noticed].first, []);
  });

test.serial('without the archives a replay says what is needed, and plays nothing', async (t) => {
  const error = await t.throwsAsync(replayAll({ archives: null }), { instanceOf: ArchivesNeededError });
  t.deepEqual(
    error.archives.map(({ from }) => from - start),
    gone,
  );
  const env = { ...process.env, DATABASE_URL: url };
  const args = ['scripts/replay.ts', '--shard', engine.shard, '--archives', '/nonexistent'];
  const ended = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { env }, (failure, _, stderr) =>
      resolve({ code: failure?.code, stderr }),
    );
  });
  t.is(ended.code, 2);
  const from = start + 601;
  t.true(
    ended.stderr.includes(
      `${from} to ${from + 199}: orders_${from}.csv.gz, trades_${from}.csv.gz, commands_${from}.csv.gz`,
    ),
  );
});

/** A folder for the private servers of a replay. */
function privateServers(t: ExecutionContext) {
  const dataDir = mkdtempSync(`${tmpdir()}/retained-`);
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  return { environment: { ...readEnvironment(), dataDir } };
}

test.serial('with the archives it comes to what it came to before, and leaves nothing behind', async (t) => {
  const servers = privateServers(t);
  const files: string[] = [];
  // What the shell says of the given PostgreSQL is not meant for the private one, which speaks no TLS.
  process.env.PGSSLMODE = 'require';
  t.teardown(() => delete process.env.PGSSLMODE);
  const databaseUrl = `${url}${url.includes('?') ? '&' : '?'}sslmode=disable`;
  const replayed = await replayAll({ ...servers, databaseUrl, takingIn: (file) => files.push(file) });
  delete process.env.PGSSLMODE;
  t.is(files.length, 3 * gone.length);
  const { trades, tradesSha256, resting, booksSha256 } = whole;
  t.like(replayed, { first: start + 1, last, trades, tradesSha256, resting, booksSha256 });
  const { orderId, lines } = explained.explanation!;
  t.deepEqual((await replayAll({ ...servers, explain: orderId })).explanation!.lines, lines);
  t.deepEqual(readdirSync(servers.environment.dataDir), []);
});

test.serial('interrupted, it goes on with what it had taken in', async (t) => {
  const servers = privateServers(t);
  const stop = new AbortController();
  const progress = ({ at }: { at: number }): void => {
    if (at > start + 300) stop.abort();
  };
  const interrupted = replayAll({ ...servers, redisUrl: null, signal: stop.signal, progress });
  await t.throwsAsync(interrupted, { instanceOf: InterruptedError });
  const files: string[] = [];
  const takingIn = (file: string) => files.push(file);
  const resumed = await replayAll({ ...servers, redisUrl: null, resume: true, takingIn });
  t.deepEqual(files, []);
  t.is(resumed.tradesSha256, whole.tradesSha256);
  t.true(resumed.played < last - start - 300);
});

test.serial('interrupted while archives are taken in, it does not take in again what it had', async (t) => {
  const servers = privateServers(t);
  const stop = new AbortController();
  const takingIn = (file: string): void => {
    if (file.startsWith('commands_')) stop.abort();
  };
  const interrupted = replayAll({ ...servers, redisUrl: null, signal: stop.signal, takingIn });
  await t.throwsAsync(interrupted, { instanceOf: InterruptedError });
  const files: string[] = [];
  const again = (file: string) => files.push(file);
  const resumed = await replayAll({ ...servers, redisUrl: null, resume: true, takingIn: again });
  t.is(files.length, 3 * (gone.length - 1));
  t.is(resumed.tradesSha256, whole.tradesSha256);
});

test.serial('only the archives up to its end are needed, and they must be what was exported', async (t) => {
  const servers = privateServers(t);
  const path = `${folder}/trades_${start + 201}.csv.gz`;
  const good = readFileSync(path);
  t.teardown(() => writeFileSync(path, good));
  rmSync(path);
  t.is((await replayAll({ ...servers, until: start + 150 })).last, start + 150);
  await t.throwsAsync(replayAll(servers), {
    instanceOf: ArchivesNeededError,
    message: new RegExp(`orders_${start + 201}`),
  });
  writeFileSync(path, readFileSync(`${folder}/trades_${start + 1}.csv.gz`));
  await t.throwsAsync(replayAll(servers), { instanceOf: OtherArchiveError });
});

test.serial('a Redis that was lost is rebuilt from what stayed', async (t) => {
  const stored = () => readStored(engine, ['A-USD', 'B-USD']);
  const before = await stored();
  t.true(Object.keys(before.orders).length > 10);
  await redis.unlink(...(await redis.keys(keysOfShard(engine.shard))));
  await pool.connect((connection) =>
    rebuild({
      ...{ redis, connection, shard: engine.shard, windowMs: 60_000, progress: () => {} },
      decide: async (checkpoint) =>
        decideContinuation(checkpoint, 1_000, { found: null, after: 'checkpoint', lost: null }),
    }),
  );
  t.deepEqual(await stored(), before);
  const { checks } = await auditAll();
  t.deepEqual(
    Object.values(checks).flatMap(({ first }) => first),
    [],
  );
});
