import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { sleep } from '../../core/lifecycle.ts';
import { makeDisk } from '../../scripts/lab/faults/disk.ts';
import { readDemo } from '../../scripts/launcher/demo.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { eraseData } from '../../scripts/launcher/servers/servers.ts';
import { createClient } from '../support/http.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Names that URLs, shells, globs and configuration files each read something else into. */
const strangeNames = ['a space', 'c#', '100%', '%41', 'größe', 'why?', "o'clock", '[a]', 'say "x"'];

/** A checkout of these sources under a strange path. */
function checkOut(t: ExecutionContext): string {
  const top = mkdtempSync('/tmp/cardstock-start-');
  chmodSync(top, 0o711);
  t.teardown(() => rmSync(top, { recursive: true, force: true }));
  const checkout = `${top}/${strangeNames.join(' ')}`;
  for (const path of execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  }).split('\n')) {
    if (path === '' || path.startsWith('test/') || !existsSync(`${root}/${path}`)) continue;
    mkdirSync(dirname(`${checkout}/${path}`), { recursive: true });
    cpSync(`${root}/${path}`, `${checkout}/${path}`, { recursive: true, verbatimSymlinks: true });
  }
  symlinkSync(`${root}/node_modules`, `${checkout}/node_modules`);
  return checkout;
}

type Launcher = {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<unknown>;
};

function launch(t: ExecutionContext, checkout: string, env: NodeJS.ProcessEnv): Launcher {
  const { REDIS_URL: _, DATABASE_URL: __, ...inherited } = process.env;
  const child = spawn('sh', ['scripts/node', 'scripts/start.ts'], {
    cwd: checkout,
    env: { ...inherited, MATCHER_METRICS_PORT: 'off', WRITER_METRICS_PORT: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = once(child, 'exit');
  t.teardown(async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await ended;
  });
  return { child, said: () => said, ended };
}

async function until(condition: () => boolean, { said, child }: Launcher, ms = 90_000): Promise<void> {
  const end = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > end || child.exitCode !== null) throw new Error(`it did not happen; said: ${said()}`);
    await sleep(50);
  }
}

test('an exchange starts from any path, whatever the shell says of PostgreSQL, and outlives a full disk', async (t) => {
  t.timeout(300_000);
  const checkout = checkOut(t);
  const dataDir = `${checkout}/.data`;
  const disk = makeDisk(dataDir);
  t.teardown(disk.remove);
  t.teardown(() => eraseData(`${dataDir}/none`));
  const launcher = launch(t, checkout, {
    PORT: String(await freePort()),
    PGSSLMODE: 'require',
    PGOPTIONS: '-c search_path=nowhere',
    PGDATA: '/nowhere',
  });
  const isReady = (): boolean => existsSync(`${dataDir}/demo.json`);
  await until(isReady, launcher);
  const { baseUrl, traders } = readDemo(dataDir)!;
  const trader = createClient(baseUrl, traders[0]!.token);
  const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
  t.is((await trader.post('/orders', order)).body.status, 'open');

  if (disk.fill) {
    disk.fill();
    // Redis ends when its disk takes no more, and is started again in vain.
    await until(() => {
      trader.post('/orders', order).catch(() => {});
      return !isReady();
    }, launcher);
    t.truthy(readDemo(dataDir), 'its addresses can still be read');
    await sleep(2_000);
    t.is(launcher.child.exitCode, null);
    disk.free!();
    // Before there was room Redis may have come and gone some times.
    let status: string | undefined;
    await until(() => {
      trader.post('/orders', order).then(
        ({ body }) => {
          status ??= body.status;
        },
        () => {},
      );
      return status !== undefined && isReady();
    }, launcher);
    t.is(status, 'open', launcher.said());
    t.is((await trader.get('/orders')).body.length >= 2, true);
  } else t.log('the full disk was left out: it needs root');

  launcher.child.kill('SIGTERM');
  await launcher.ended;
  t.is(launcher.child.exitCode, 0, launcher.said());
  t.false(existsSync(`${dataDir}/demo.json`));
});

test('a start that is under way ends at SIGTERM', async (t) => {
  const checkout = checkOut(t);
  const launcher = launch(t, checkout, { PORT: String(await freePort()) });
  await until(() => /Starting Redis/.test(launcher.said()), launcher);
  launcher.child.kill('SIGTERM');
  await Promise.race([launcher.ended, sleep(30_000)]);
  t.is(launcher.child.exitCode, 0, launcher.said());
  eraseData(`${checkout}/.data`);
});
