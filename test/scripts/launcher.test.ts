import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { metricsEnv, pickMetricsPorts } from '../../scripts/launcher/metrics.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { findPostgres, findRedis, parseMajor } from '../../scripts/launcher/servers/find.ts';
import { lifeFromPs, lifeOf } from '../../scripts/launcher/servers/liveness.ts';
import { lockDataDir } from '../../scripts/launcher/servers/lock.ts';
import { rememberedPorts } from '../../scripts/launcher/servers/ports.ts';
import { shellWord } from '../../scripts/launcher/servers/servers.ts';
import {
  afterAnother,
  closingLine,
  countResults,
  isWorthAnother,
} from '../../scripts/launcher/test/results.ts';
import { readableWarning } from '../../scripts/launcher/warning.ts';

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(`${tmpdir()}/cardstock-launcher-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const versions: [string, number][] = [
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=e08dbad3e06f3fb', 7],
  ['Valkey server v=8.0.1 sha=00000000:0 malloc=libc bits=64', 8],
  ['postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', 15],
  ['postgres (PostgreSQL) 18beta1', 18],
  ['no version here', 0],
];
for (const [text, major] of versions) {
  test(`the version of "${text}" is ${major}`, (t) => t.is(parseMajor(text), major));
}

test('a named program that is none is refused in words', (t) => {
  t.throws(() => findRedis({ redisServerBin: '/bin/sh', path: '' }), {
    message: /REDIS_SERVER_BIN=\/bin\/sh/,
  });
  t.throws(() => findPostgres({ pgBinDir: '/bin', path: '' }), { message: /PG_BIN_DIR=\/bin/ });
});

test('without an installed PostgreSQL the one from npm is found', (t) => {
  const found = findPostgres({ pgBinDir: undefined, path: '', roots: [] });
  t.true(found.length > 0 && found.every(({ npmPackage }) => npmPackage !== undefined));
  if (process.platform === 'linux') t.is(found.length, 1);
});

test('a lock of a dead process is taken over, one of a live process is not', (t) => {
  const folder = temporaryFolder(t);
  const file = `${folder}/launcher.pid`;
  // Our own number, but of a process that started at another time.
  writeFileSync(file, `${process.pid} 1\n`);
  const unlock = lockDataDir(folder);
  t.throws(() => lockDataDir(folder), { message: new RegExp(`process ${process.pid}`) });
  unlock();
  lockDataDir(folder)();
});

test('ps and /proc tell the same of a process', (t) => {
  t.is(lifeFromPs(process.pid).state, 'running');
  t.is(lifeOf(process.pid).state, 'running');
  t.is(lifeOf(2 ** 30).state, 'gone');
  t.is(lifeOf(0).state, 'gone');
});

test('a port is remembered, unless somebody else took it', async (t) => {
  const folder = temporaryFolder(t);
  const port = await rememberedPorts(folder).pick('redis');
  t.is(await rememberedPorts(folder).pick('redis'), port);
  const squatter = createServer().listen(port, '127.0.0.1');
  t.teardown(() => squatter.close());
  await new Promise((resolve) => squatter.once('listening', resolve));
  t.not(await rememberedPorts(folder).pick('redis'), port);
});

test('the environment has defaults, and a bad port is refused', (t) => {
  const { host, port, dataDir, redisUrl } = readEnvironment({ REDIS_URL: '' });
  t.deepEqual([host, port, redisUrl], ['127.0.0.1', 3000, undefined]);
  t.regex(dataDir, /\/\.data$/);
  for (const PORT of ['abc', '-1', '65536', '1.5'])
    t.throws(() => readEnvironment({ PORT }), { message: /PORT/ });
  t.throws(() => readEnvironment({ WRITER_METRICS_PORT: 'on' }), { message: /WRITER_METRICS_PORT/ });
});

test('metrics are served where it is wished, or on free ports that are remembered', async (t) => {
  const dataDir = temporaryFolder(t);
  const squatter = createServer().listen(0, '127.0.0.1');
  t.teardown(() => squatter.close());
  await new Promise((resolve) => squatter.once('listening', resolve));
  const taken = (squatter.address() as AddressInfo).port;
  const free = await rememberedPorts(dataDir).pick('free');
  const pick = (env: NodeJS.ProcessEnv) => pickMetricsPorts(readEnvironment({ DATA_DIR: dataDir, ...env }));
  const wished = await pick({ MATCHER_METRICS_PORT: String(free), WRITER_METRICS_PORT: 'off' });
  t.deepEqual(wished, { matcher: free, writer: null });
  t.deepEqual(metricsEnv(wished), { MATCHER_METRICS_PORT: String(free), WRITER_METRICS_PORT: 'off' });
  const ports = {
    MATCHER_METRICS_PORT: String(taken),
    WRITER_METRICS_PORT: String(free),
    PORT: String(free),
  };
  const { matcher, writer } = await pick(ports);
  t.is(new Set([taken, free, matcher, writer]).size, 4, "not the api's either");
  t.deepEqual(await pick(ports), { matcher, writer });
});

test('shell words are quoted only where a shell would read more into them', (t) => {
  t.is(shellWord('/tmp/redis.sock'), '/tmp/redis.sock');
  t.is(shellWord(`/tmp/it's here`), `'/tmp/it'\\''s here'`);
});

test('the console shows warnings in words, crashes as they are, and nothing else', (t) => {
  t.is(readableWarning('{"level":"info","msg":"ready"}', false), undefined);
  t.is(
    readableWarning('{"level":"warn","error":"ECONNREFUSED","msg":"Redis is away"}', false),
    'warning: Redis is away: ECONNREFUSED',
  );
  t.is(readableWarning('{"level":"error","err":{"message":"same"},"msg":"same"}', false), 'error: same');
  t.is(readableWarning('Error: no such file', true), 'Error: no such file');
  t.is(readableWarning('plain output', false), undefined);
});

const outputs: [string, string[], boolean, string][] = [
  [
    'all pass',
    ['  ✔ one', '  \u001b[32m✔\u001b[39m two (1.2s)', '  ─', '  2 tests passed'],
    true,
    '2 passed, 0 failed',
  ],
  ['one fails', ['  ✔ one', '  ✘ [fail]: two', '  1 test failed'], false, '1 passed, 1 failed'],
  [
    'skipped and pending',
    ['  ✔ one', '  1 test skipped', '  2 tests remained pending after a timeout'],
    false,
    '1 passed, 2 failed, 1 skipped',
  ],
  ['a file does not load', ['  ✔ one', '  1 uncaught exception'], false, '1 passed, 1 failed'],
  ['bad without a count', ['  ✔ one'], false, '1 passed, 1 failed'],
  ['no test at all', ['  ✘ Couldn’t find any files to test'], false, '0 passed, 1 failed'],
  ['no test, and AVA content', [], true, '0 passed, 1 failed'],
];
const isTestFile = (path: string) => /^test\/(?:api\/fills|core\/wire\/words)\.test\.ts$/.test(path);
const resultsOf = (lines: readonly string[], isGood = false) => {
  const results = countResults(isTestFile);
  for (const line of lines) results.read(line);
  return results.close(isGood);
};
for (const [title, lines, isGood, expected] of outputs) {
  test(`the closing line when ${title} is "${expected}"`, (t) => {
    t.is(closingLine(resultsOf(lines, isGood)), expected);
  });
}

const namesOfFailures: [string, string[]][] = [
  ['  ✘ [fail]: api › fills › a fill › of two orders', ['test/api/fills.test.ts']],
  ['  Uncaught exception in test/core/wire/words.test.ts', ['test/core/wire/words.test.ts']],
  ['  Failed to exit when running test/api/fills.test.ts', ['test/api/fills.test.ts']],
  ['  2 tests were pending in test/api/fills.test.ts', ['test/api/fills.test.ts']],
  ['  ✘ test/api/fills.test.ts exited due to SIGKILL', ['test/api/fills.test.ts']],
  ['  ✔ api › fills › "Uncaught exception in test/api/fills.test.ts" is read', []],
  ['  ✘ [fail]: api › gone › a fill', []],
];
for (const [line, files] of namesOfFailures) {
  test(`"${line.trim()}" names ${files.length === 0 ? 'no file' : files}`, (t) => {
    t.deepEqual(resultsOf([line, '  1 test failed']).failedFiles, files);
  });
}

test('files that pass when they run again are unsteady, and those that fail again have failed', (t) => {
  const first = resultsOf(['  ✔ one', '  ✘ [fail]: api › fills › two', '  1 test failed']);
  t.true(isWorthAnother(first));
  t.is(closingLine(afterAnother(first, resultsOf(['  ✔ two'], true))), '2 passed, 0 failed, 1 unsteady');
  t.is(closingLine(afterAnother(first, resultsOf(['  1 test failed']))), '1 passed, 1 failed');
  t.false(isWorthAnother(resultsOf(['  1 test failed'])), 'nobody knows where');
  t.false(isWorthAnother({ ...first, failedFiles: ['a', 'b', 'c', 'd'] }), 'too many');
  t.false(isWorthAnother(resultsOf(['  ✔ one'], true)));
});
