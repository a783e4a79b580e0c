import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { sql } from 'slonik';
import { z } from 'zod';
import { type Bucket, candlesIn } from '../../api/market-data/candles.ts';
import type { MarketData } from '../../api/market-data/market-data.ts';
import type { ListedProduct } from '../../api/products/catalogue.ts';
import type { Command } from '../../core/wire/commands.ts';
import { loadAnnounced, loadRange } from '../../scripts/ops/rebuild/source.ts';
import { judgePartitions } from '../../scripts/ops/retention/partitions.ts';
import { retire } from '../../scripts/ops/retention/retire.ts';
import { loadCoverage } from '../../sql/coverage.ts';
import { partitionedTables, partitionName } from '../../sql/tables.ts';
import { withPostgres } from '../../sql/with-postgres.ts';
import { cancelCommand, depositCommand, placeCommand, productCommand } from '../support/commands.ts';
import { openEngine, play } from '../support/engine.ts';
import { addFundedShard, type FundedShard, start } from '../support/funded-shard.ts';
import { useRedis } from '../support/redis.ts';
import { persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const partitionSize = 100;
const funding = { baseCurrency: 'A', baseUnits: 2, quoteCurrency: 'USD', quoteUnits: 3 };

/** A sell and the buy that takes it, with names that CSV must quote. */
function pair(i: number): Command[] {
  const [sell, buy] = [`"sell",${i}`, `it's\\${i}`];
  const requestId = `pair-${i}`;
  return [
    placeCommand({ traderId: 1, side: 'sell', clientOid: sell, requestId }),
    placeCommand({ traderId: 2, side: 'buy', clientOid: buy, requestId }),
  ];
}
const pairs = (from: number, count: number): Command[] =>
  Array.from({ length: count }, (_, i) => pair(from + i)).flat();

/** Full partitions: one settled, one with an open order, one settled; and one that is not full. */
const commands: Command[] = [
  productCommand({ funding }),
  depositCommand({ traderId: 1, currency: 'A', amount: 10_000, transferId: 'a' }),
  depositCommand({ traderId: 2, currency: 'USD', amount: 10_000_000, transferId: 'b' }),
  cancelCommand(),
  ...pairs(0, 48),
  ...pairs(100, 49),
  placeCommand({ traderId: 1, side: 'sell', price: 900, clientOid: 'rests' }),
  cancelCommand(),
  ...pairs(200, 50),
  ...pairs(300, 10),
];

/** A shard on which all of them were played and written. */
async function setUp(t: ExecutionContext): Promise<FundedShard & { folder: string }> {
  const funded = await addFundedShard(t, newShard());
  const folder = mkdtempSync('/tmp/cardstock-retention-');
  t.teardown(() => rmSync(folder, { recursive: true }));
  await write(funded, commands, start + commands.length);
  return { ...funded, folder };
}

async function write({ url, pool, shard }: FundedShard, more: Command[], last: number): Promise<void> {
  const writer = await startWriter(url, shard, { partitionSize });
  await play(await openEngine(redis, shard, start), more);
  await persistedThrough(pool, shard, last);
  await writer.stop();
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function run({ url }: FundedShard, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, DATABASE_URL: url } };
    execFile(process.execPath, ['scripts/retention.ts', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

const numberRow = z.object({ number: z.number() });
const firsts = async ({ pool }: FundedShard, table: string): Promise<number[]> => {
  const name = sql.identifier([table]);
  const rows = await pool.any(sql.type(numberRow)`select from_sequence as number from ${name} order by 1`);
  return rows.map(({ number }) => number - start);
};

const rowsOf = ({ pool }: FundedShard, table: string): Promise<number> =>
  pool.oneFirst(sql.type(numberRow)`select count(*)::integer as number from ${sql.identifier([table])}`);

/** Rows that are in a file and not in a table, or the other way round, after the file was taken in again. */
async function differences(client: Client, path: string, name: string): Promise<number> {
  await client.query(`create temp table taken (like "${name}")`);
  const columns = (await client.query(`select * from "${name}" limit 0`)).fields.map((field) => field.name);
  const into = client.query(copyFrom(`copy taken (${columns.join()}) from stdin (format csv, header match)`));
  await pipeline(createReadStream(path), createGunzip(), into);
  const { rowCount } = await client.query(
    `(table taken except all table "${name}") union all (table "${name}" except all table taken)`,
  );
  await client.query('drop table taken');
  return rowCount!;
}

test('what would go is listed, and nothing is done', async (t) => {
  const shard = await setUp(t);
  const old = await run(shard, '--older-than', '1');
  t.is(old.code, 0, old.stderr);
  t.deepEqual(
    old.stdout.split('\n').map((line) => line.replace(/.*: /, '')),
    ['goes', 'stays, it has 1 open order', 'goes', '2 of 3 full partitions would go. Nothing was done.', ''],
  );
  const young = await run(shard, '--older-than', '100000', '--to', shard.folder, '--dry-run');
  t.regex(young.stdout, /stays, it is too young\n0 of 3 full/);
  t.deepEqual([await firsts(shard, 'archives'), readdirSync(shard.folder)], [[], []]);
  for (const args of [[], ['--older-than', '0.5']]) t.is((await run(shard, ...args)).code, 2, args.join(' '));
});

/** The candles of every granularity, as an api answers them that has no minute of its own. */
function candlesOf({ pool }: FundedShard): Promise<Bucket[][]> {
  const noMinutes = { from: Number.MAX_SAFE_INTEGER, minutes: new Map() };
  const marketData = { minutes: () => noMinutes } as unknown as MarketData;
  const product = { productId: 'A-USD' } as ListedProduct;
  return Promise.all(
    [60, 300, 900, 3_600, 21_600, 86_400].map((granularity) => {
      const around = 2 * granularity * 1_000;
      return candlesIn({ reads: pool, marketData }, product, {
        ...{ granularity, start: 1_700_000_000_000 - around, end: 1_700_000_000_000 + around },
      });
    }),
  );
}

test('settled partitions go into files from which they can be taken in again; trading and candles go on', async (t) => {
  const shard = await setUp(t);
  const { pool, folder } = shard;
  const candles = await candlesOf(shard);
  const traded = 48 + 49 + 50 + 10;
  for (const [[, candle], ...others] of candles as [Bucket, ...Bucket[]][])
    t.deepEqual([candle.volume, others], [traded, []]);
  const range = await loadRange(pool, shard.shard);
  const announced = await loadAnnounced(pool, range);
  t.is(announced.size, 1);
  t.is((await loadCoverage(pool, shard.shard)).fromSequence, start + 1);
  const ended = await run(shard, '--older-than', '1', '--to', folder);
  t.is(ended.code, 0, ended.stderr);
  t.deepEqual(await firsts(shard, 'archives'), [1, 201]);
  t.deepEqual((await firsts(shard, 'partitions')).slice(0, 2), [101, 301]);
  await withPostgres(shard.url, async (client) => {
    for (const from of [start + 1, start + 201]) {
      const { files } = JSON.parse(readFileSync(`${folder}/${from}.manifest.json`, 'utf8'));
      t.is(files.length, partitionedTables.length);
      for (const { table, file, sha256, rows, first_sequence, last_sequence } of files) {
        const name = partitionName(table, { from, below: from + partitionSize });
        t.is(
          createHash('sha256')
            .update(readFileSync(`${folder}/${file}`))
            .digest('hex'),
          sha256,
        );
        t.is(await differences(client, `${folder}/${file}`, name), 0, file);
        const isWithin = first_sequence >= from && last_sequence < from + partitionSize;
        t.true(rows === 0 ? first_sequence === null : isWithin, file);
      }
    }
  });
  t.deepEqual(await loadCoverage(pool, shard.shard), {
    fromSequence: start + 301,
    newestMissing: 1_700_000_000_000,
  });
  t.deepEqual(await loadAnnounced(pool, range), announced, 'a rebuild still knows the product');
  t.true((await rowsOf(shard, 'trades')) < traded);
  t.deepEqual(await candlesOf(shard), candles, 'as before, though most of their trades are gone');
  await write(shard, pairs(400, 60), start + commands.length + 120);
  for (const [[, candle]] of (await candlesOf(shard)) as [Bucket][]) t.is(candle.volume, traded + 60);
  const again = await run(shard, '--older-than', '1', '--to', folder);
  t.regex(again.stdout, /1 partitions? went/);
  t.deepEqual(await firsts(shard, 'archives'), [1, 201, 301]);
});

test('what was detached is dropped when that is wanted, if its files are still good', async (t) => {
  const shard = await setUp(t);
  const { folder, pool } = shard;
  const left = async (): Promise<number> => {
    const { number } = await pool.one(sql.type(numberRow)`
      select count(*) as number from pg_class
      where relnamespace = current_schema()::regnamespace and relname ~ ${`_(${start + 1}|${start + 201})$`}`);
    return number;
  };
  t.is((await run(shard, '--older-than', '1', '--to', folder)).code, 0);
  t.is(await left(), 10);
  const file = `${folder}/trades_${start + 1}.csv.gz`;
  const good = readFileSync(file);
  writeFileSync(file, good.subarray(0, good.length - 20));
  t.is((await run(shard, '--older-than', '1', '--to', folder, '--drop')).code, 1);
  t.is(await left(), 10);
  writeFileSync(file, good);
  t.is((await run(shard, '--older-than', '1', '--to', folder, '--drop')).code, 0);
  t.is(await left(), 0);
});

test('after an interruption between export and detaching, the next run does the rest', async (t) => {
  const shard = await setUp(t);
  const { folder, pool } = shard;
  const [first] = await judgePartitions(pool, Date.now());
  const interrupted = withPostgres(shard.url, async (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    const interrupt = (...args: unknown[]): unknown => {
      if (String(args[0]).startsWith('insert into archives')) throw new Error('interrupted');
      return query(...args);
    };
    Object.assign(client, { query: interrupt });
    await retire({ client, folder, drop: true, say: () => {} }, first!);
  });
  await t.throwsAsync(interrupted, { message: 'interrupted' });
  t.deepEqual(await firsts(shard, 'archives'), []);
  const manifest = `${folder}/${start + 1}.manifest.json`;
  const before = readFileSync(manifest, 'utf8');
  const ended = await run(shard, '--older-than', '1', '--to', folder, '--drop');
  t.is(ended.code, 0, ended.stderr);
  t.deepEqual(await firsts(shard, 'archives'), [1, 201]);
  t.is(readFileSync(manifest, 'utf8'), before);
});

test('files of another exchange are not written over, and nothing goes', async (t) => {
  const shard = await setUp(t);
  const { folder } = shard;
  t.is((await run(shard, '--older-than', '1', '--to', folder)).code, 0);
  const other = await setUp(t);
  await other.pool.query(sql.unsafe`update orders set client_oid = 'other' where id = ${start + 5}`);
  const before = readdirSync(folder);
  const ended = await run(other, '--older-than', '1', '--to', folder);
  t.is(ended.code, 1);
  t.regex(ended.stderr, /is of another exchange/);
  t.deepEqual([readdirSync(folder), await firsts(other, 'archives')], [before, []]);
});
