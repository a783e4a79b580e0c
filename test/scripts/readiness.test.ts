import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { sleep } from '../../core/lifecycle.ts';
import { readDemo } from '../../scripts/launcher/demo.ts';
import { createReadiness } from '../../scripts/launcher/readiness.ts';
import { forgetPostgresSettings } from '../../scripts/launcher/servers/environment.ts';
import { keepLines } from '../../scripts/launcher/servers/log-lines.ts';

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(`${tmpdir()}/cardstock-ready-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i === 400) throw new Error('it did not happen within 20 s');
    await sleep(50);
  }
}

test('demo.json is there while all parts are up and the api is ready, and its addresses can be read always', async (t) => {
  const folder = temporaryFolder(t);
  const isShown = (): boolean => existsSync(`${folder}/demo.json`);
  writeFileSync(`${folder}/demo.json`, '{"baseUrl":"http://here"}');
  const readiness = createReadiness(folder);
  readiness.onChange('Redis', false);
  readiness.onChange('writer', false);
  t.false(isShown());
  t.is(readDemo(folder)?.baseUrl, 'http://here');
  readiness.onChange('Redis', true);
  t.false(isShown());
  readiness.onChange('writer', true);
  t.true(isShown());

  let status = 200;
  const api = createServer((_, answer) => answer.writeHead(status).end()).listen(0, '127.0.0.1');
  await once(api, 'listening');
  t.teardown(() => api.close());
  const stopping = new AbortController();
  t.teardown(() => stopping.abort());
  const { port } = api.address() as { port: number };
  readiness.ask(`http://127.0.0.1:${port}/health/ready`, stopping.signal);
  status = 503;
  await until(() => !isShown());
  status = 200;
  await until(isShown);
});

test('log lines that the disk refuses are dropped, and nothing else happens', async (t) => {
  const full = keepLines(openSync('/dev/full', 'w'));
  for (let i = 0; i < 1_000; i++) full.keep(`line ${i}`);
  await sleep(50);
  full.keep('more');
  full.close();

  const file = `${temporaryFolder(t)}/api.log`;
  const lines = keepLines(openSync(file, 'a'));
  lines.keep('one');
  lines.keep('two');
  lines.close();
  await until(() => readFileSync(file, 'utf8') === 'one\ntwo\n');
  t.pass();
});

// Before the others of this file: what they open could be given the number first.
test.serial('lines that were dropped are counted in the log once it takes lines again', async (t) => {
  const file = `${temporaryFolder(t)}/api.log`;
  writeFileSync(file, '');
  // A file that is open for reading refuses lines as a full disk does.
  const fd = openSync(file, 'r');
  const lines = keepLines(fd);
  lines.keep('one');
  lines.keep('two');
  await sleep(50);
  closeSync(fd);
  t.is(openSync(file, 'a'), fd, 'the number is given again');
  lines.keep('three');
  await until(() => readFileSync(file, 'utf8') === '2 lines were dropped: the disk took none.\nthree\n');
  lines.close();
  t.pass();
});

const shell = { PATH: '/bin', PGSSLMODE: 'require', PGOPTIONS: '-c jit=on', PG_BIN_DIR: '/pg', HOME: '/' };

test("the shell's settings for PostgreSQL's clients are forgotten, unless it names the server as well", (t) => {
  const env = { ...shell };
  forgetPostgresSettings(env);
  t.deepEqual(env as object, { PATH: '/bin', PG_BIN_DIR: '/pg', HOME: '/' });
  const given = { ...shell, DATABASE_URL: 'postgresql://there/cardstock' };
  forgetPostgresSettings(given);
  t.is(given.PGSSLMODE, 'require');
});
