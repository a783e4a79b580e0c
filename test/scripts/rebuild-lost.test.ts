import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { readConfig } from '../../core/config.ts';
import { shardKeys } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import { encodeCommand } from '../../core/wire/commands.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { claimDataDir, eraseData, startServers } from '../../scripts/launcher/servers/servers.ts';
import { scanAppendOnlyFiles } from '../../scripts/ops/rebuild/append-only-files.ts';
import { createRespReader } from '../../scripts/ops/rebuild/resp.ts';
import { openPool } from '../../sql/pool.ts';
import { writeLoop } from '../../writer/loop.ts';
import { createWriterMetrics } from '../../writer/metrics.ts';
import { type Engine, matchAll, openEngine, submitAll } from '../support/engine.ts';
import { addFundedShard, type FundedShard, randomCommands, start } from '../support/funded-shard.ts';
import { assertRecorded } from '../support/recorded.ts';
import { seed } from '../support/seed.ts';
import { persistedThrough } from '../support/writer.ts';

const log = createLog('test', 'silent');

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync('/tmp/cardstock-rebuild-');
  chmodSync(folder, 0o711);
  t.teardown(() => eraseData(folder));
  return folder;
}

/** A Redis of its own, as `npm start` runs it, for as long as `use` takes. */
async function withRedis<T>(dataDir: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const environment = { ...readEnvironment(), redisUrl: undefined };
  const claim = claimDataDir(dataDir);
  const servers = await startServers({ claim, environment, log: () => {} });
  const redis = new Redis(servers.redisUrl, { enableAutoPipelining: true });
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
    await servers.stop();
    claim.release();
  }
}

/** Matches all that was submitted, and writes it to PostgreSQL. */
async function settle(engine: Engine, { shard, url, pool }: FundedShard, last: number): Promise<void> {
  await matchAll(engine, 60);
  const stop = new AbortController();
  const writing = await openPool(url, log, { maxPoolSize: 1, statementTimeout: 10_000 });
  const { redis } = engine;
  const config = { ...readConfig({}), shard, partitionSize: 10_000 };
  const [blocking, channel] = [redis.duplicate(), redis.duplicate()];
  const metrics = createWriterMetrics(new Registry())('main');
  const writer = writeLoop(
    writing,
    { config, log, metrics, redis, blocking, channel, consumer: 'writer' },
    stop.signal,
  );
  await persistedThrough(pool, shard, last);
  stop.abort();
  await writer;
  blocking.disconnect();
  channel.disconnect();
  await writing.end();
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string };

function runRebuild(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, ['scripts/rebuild.ts', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

test('what PostgreSQL never saw is found in the files of the lost Redis, and matched as it would have been', async (t) => {
  t.log(`SEED=${seed}`);
  const dataDir = temporaryFolder(t);
  const shard = 'rebuilt';
  const funded = await addFundedShard(t, shard);
  const commands = randomCommands(seed, 1_200);
  await withRedis(dataDir, async (redis) => {
    const engine = await openEngine(redis, shard, start);
    await submitAll(engine, commands.slice(0, 500), [30]);
    await settle(engine, funded, start + 500);
    await submitAll(engine, commands.slice(500, 700), [7]);
    await matchAll(engine);
    await submitAll(engine, commands.slice(700, 800), [100]);
  });
  const lost = `${dataDir}/lost`;
  renameSync(`${dataDir}/redis/appendonlydir`, lost);
  const env = { REDIS_URL: '', DATABASE_URL: funded.url, DATA_DIR: dataDir, SHARD: shard };

  const asked = await runRebuild(env, '--start');
  t.like(asked, { code: 2, stdout: '' });
  t.regex(asked.stderr, new RegExp(`given after ${start + 500}, .* is not known`));

  const listed = await runRebuild(env, '--start', '--aof', lost);
  t.is(listed.code, 2);
  t.regex(listed.stderr, /never saw 300 commands/);
  const expected = commands
    .slice(500, 800)
    .map((command, i) => `${start + 501 + i} ${encodeCommand(command)}`);
  t.deepEqual(listed.stdout.trim().split('\n'), expected);

  const rebuilt = await runRebuild(env, '--start', '--aof', lost, '--resubmit');
  t.is(rebuilt.code, 0, rebuilt.stderr);
  t.regex(rebuilt.stdout, new RegExp(`300 commands after that .*\nThe next command gets ${start + 801}`));

  const { pool } = funded;
  await withRedis(dataDir, async (redis) => {
    const engine = { redis, shard };
    await submitAll(engine, commands.slice(800), [30]);
    await settle(engine, funded, start + 1_200);
    await assertRecorded(t, { pool, engine, commands, start });
    const refused = await runRebuild(env, '--after', 'checkpoint');
    t.like(refused, { code: 2 }, 'no servers are named, and no exchange runs there');
  });
});

test('the help tells all options, and a wrong one is refused', async (t) => {
  t.like(await runRebuild({}, '--help'), { code: 0, stderr: '' });
  t.like(await runRebuild({}, '--always'), { code: 2, stdout: '' });
  t.like(await runRebuild({}, '--after', 'all'), { code: 2, stdout: '' });
});

/** A command as Redis writes it down. */
const resp = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
const entry = (shard: string, first: number, ...lines: string[]): string =>
  resp('XADD', shardKeys(shard).commands, `0-${first}`, 'lines', lines.join('\n'));

const pieces = [
  resp('SELECT', '0'),
  '#TS:1700000000\r\n',
  resp('MULTI'),
  entry('main', 9, 'nine', 'ten', 'eleven'),
  resp('HSET', 'x', ...new Array(300).fill('*5\r\n$4\r\nXADD\r\n')),
  resp('EXEC'),
  entry('other', 12, 'of another shard'),
  resp('XADD', shardKeys('main').events, '0-12', 'first', 'not a command'),
  entry('main', 12, 'zwölf'),
];

/** Files of a lost Redis, by name, in a folder. */
function filesOf(t: ExecutionContext, files: Record<string, string>): string {
  const folder = mkdtempSync('/tmp/cardstock-files-');
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
  return folder;
}

const whole = pieces.join('');
const cut = whole.indexOf('eleven');
const scans: [string, Record<string, string>, [number, string][], RegExp[]][] = [
  [
    'one file is read to its end',
    { 'appendonly.aof': whole },
    [
      [10, 'ten'],
      [11, 'eleven'],
      [12, 'zwölf'],
    ],
    [],
  ],
  ['a command that was cut off is none', { 'a.aof': whole.slice(0, cut) }, [], [/ends in the middle/]],
  [
    'reading ends at the first damage',
    { 'a.aof': `${pieces.slice(0, 4).join('')}\0\0\0${entry('main', 12, 'twelve')}` },
    [
      [10, 'ten'],
      [11, 'eleven'],
    ],
    [/damaged at byte \d+/],
  ],
  [
    'of a sequence that was written twice the later one counts',
    { 'a.aof': entry('main', 10, 'lost') + entry('main', 10, 'void') },
    [[10, 'void']],
    [],
  ],
  [
    'the manifest says which files there are, and in which order',
    {
      'x.manifest':
        'file x.1.base.rdb seq 1 type b\nfile x.10.incr.aof seq 10 type i\nfile x.9.incr.aof seq 9 type i\nfile x.8.incr.aof seq 8 type h\n',
      'x.1.base.rdb': 'REDIS0011',
      'x.8.incr.aof': entry('main', 13, 'old'),
      'x.9.incr.aof': entry('main', 10, 'first'),
      'x.10.incr.aof': entry('main', 10, 'then'),
    },
    [[10, 'then']],
    [/x.1.base.rdb is a snapshot/],
  ],
  [
    'without it their names do',
    { 'x.10.incr.aof': entry('main', 10, 'then'), 'x.9.incr.aof': entry('main', 10, 'first') },
    [[10, 'then']],
    [],
  ],
];
for (const [title, files, found, notes] of scans) {
  test(`append-only files: ${title}`, async (t) => {
    const folder = filesOf(t, files);
    const names = Object.keys(files);
    const isAlone = names.length === 1;
    const scan = await scanAppendOnlyFiles(isAlone ? `${folder}/${names[0]}` : folder, 'main', 9);
    t.deepEqual([...scan.found], found);
    t.is(scan.notes.length, notes.length);
    for (const [i, note] of notes.entries()) t.regex(scan.notes[i]!, note);
  });
}

test('append-only files: where a read ends matters to none', (t) => {
  const bytes = Buffer.from(whole);
  for (const size of [1, 7, 64, 1_000]) {
    const found: string[] = [];
    const reader = createRespReader(5, ([, , id]) => found.push(id!.toString()));
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    t.deepEqual(found, ['0-9', '0-12', '0-12', '0-12'], `reads of ${size}`);
    t.is(reader.unfinished(), 0);
  }
});
