import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { ExecutionContext } from 'ava';
import { serverEnv } from '../../scripts/launcher/servers/environment.ts';
import { findProgram } from '../../scripts/launcher/servers/find.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { postgresUser } from '../../scripts/launcher/servers/postgres-folder.ts';
import { startProgram, stopProgram } from '../../scripts/launcher/servers/process.ts';

/** Debian keeps it where only root looks for programs. */
const usualPlace = '/usr/sbin/pgbouncer';

/** Undefined where it is not installed. */
export const pgbouncer = findProgram('pgbouncer') ?? (existsSync(usualPlace) ? usualPlace : undefined);

export type PoolerSettings = Readonly<Record<string, string>>;

/** Starts one before the server of `url`, until the test's end. Resolves with the URL through it, which may take a moment to answer. */
export async function startPgbouncer(
  t: ExecutionContext,
  url: URL,
  settings: PoolerSettings,
): Promise<string> {
  const port = await freePort();
  const folder = mkdtempSync(`${tmpdir()}/cardstock-pooler-`);
  chmodSync(folder, 0o755); // as root it is started as another user
  const all = {
    ...{ listen_addr: '127.0.0.1', listen_port: String(port), unix_socket_dir: '' },
    ...{ auth_type: 'any', default_pool_size: '20', max_client_conn: '100' },
    ignore_startup_parameters: 'statement_timeout,idle_in_transaction_session_timeout',
    ...settings,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}`);
  const host = decodeURIComponent(url.hostname);
  const target = `host=${host} port=${url.port} user=${url.username} password=${url.password}`;
  writeFileSync(
    `${folder}/pgbouncer.ini`,
    ['[databases]', `* = ${target}`, '[pgbouncer]', ...lines, ''].join('\n'),
  );
  const running = startProgram({
    bin: pgbouncer!,
    args: [`${folder}/pgbouncer.ini`],
    stdio: ['ignore', 'ignore', 'ignore'],
    parentDeathSignal: 'KILL',
    cwd: folder,
    env: serverEnv(),
    user: postgresUser(),
  });
  t.teardown(async () => {
    await stopProgram(running, { signal: 'SIGKILL', graceMs: 1_000 });
    rmSync(folder, { recursive: true, force: true });
  });
  return `postgresql://${url.username}:x@127.0.0.1:${port}${url.pathname}`;
}
