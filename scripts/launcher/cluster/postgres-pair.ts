// Two PostgreSQL, of which one is the synchronous standby of the other. Who is which is found at each start.

import { execFile } from 'node:child_process';
import {
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { serverEnv } from '../servers/environment.ts';
import type { PostgresPrograms } from '../servers/find.ts';
import type { Log } from '../servers/log.ts';
import type { Ports } from '../servers/ports.ts';
import { type Installation, installPostgres, preparePostgres } from '../servers/postgres.ts';
import { choosePlace, postgresUser } from '../servers/postgres-folder.ts';
import type { Started } from '../servers/process.ts';
import { makeDataDir } from '../servers/servers.ts';

export type PostgresNode = {
  readonly id: string;
  readonly port: number;
  /** Its own address, past HAProxy. */
  readonly url: string;
  /** As the standby of the other one if that is a primary at work; else as what it was. */
  readonly launch: () => Promise<Started>;
  /** As what it was, whatever the other one is by now. */
  readonly launchAsItWas: () => Promise<Started>;
};

export type PairOptions = {
  readonly dataDir: string;
  readonly candidates: PostgresPrograms[];
  readonly secret: string;
  readonly ports: Ports;
  readonly log: Log;
  readonly savesMemory?: boolean;
};

/** HAProxy asks which of the two is the primary, and may do nothing else. */
export const checkRole = 'failover_check';

type Half = {
  readonly id: string;
  readonly dataDir: string;
  readonly port: number;
  readonly installation: Installation;
  readonly url: string;
};

/** The one that was the primary last comes first: it is to be started first. */
export async function preparePair(options: PairOptions): Promise<PostgresNode[]> {
  const one = await prepareHalf('postgres-1', options);
  const two = await prepareHalf('postgres-2', { ...options, like: one });
  const nodes = [toNode(one, two, options), toNode(two, one, options)];
  return timelineOf(two) > timelineOf(one) ? nodes.toReversed() : nodes;
}

async function prepareHalf(id: string, options: PairOptions & { readonly like?: Half }): Promise<Half> {
  const { like, candidates, secret, ports, log } = options;
  const dataDir = `${options.dataDir}/${id}`;
  makeDataDir(dataDir);
  const port = await ports.pick(id);
  const url = `postgresql://cardstock:${secret}@127.0.0.1:${port}/cardstock`;
  if (like) {
    const { programs, user } = like.installation;
    const folder = `${choosePlace(dataDir, postgresUser(), log)}/pg${programs.major}`;
    return { id, dataDir, port, url, installation: { programs, user, folder } };
  }
  const installation = await installPostgres({ dataDir, candidates, secret, log });
  letChecksIn(installation);
  return { id, dataDir, port, url, installation };
}

/** Before the rules that ask for a password. */
function letChecksIn({ folder }: Installation): void {
  const file = `${folder}/pg_hba.conf`;
  const rules = readFileSync(file, 'utf8');
  if (rules.includes(checkRole)) return;
  writeFileSync(file, `host postgres ${checkRole} 127.0.0.1/32 trust\n${rules}`);
}

/** Each promotion begins another one. -1 without data, and for one that is a standby. */
function timelineOf({ installation: { folder } }: Half): number {
  if (!existsSync(folder) || isStandby(folder)) return -1;
  const files = globSync('pg_wal/*.history', { cwd: folder });
  return Math.max(1, ...files.map((file) => Number.parseInt(/(\w{8})\.history$/.exec(file)![1]!, 16)));
}

function isStandby(folder: string): boolean {
  return existsSync(`${folder}/standby.signal`);
}

/** So that two fit on one machine beside all the others. */
const megabytesOfBuffers = 64;

function toNode(own: Half, other: Half, { secret, savesMemory = true }: PairOptions): PostgresNode {
  const { id, dataDir, port, url, installation } = own;
  // Beside its data: the user of PostgreSQL may be able to go nowhere else.
  const passwords = `${installation.folder}.passwords`;
  writeFileSync(passwords, `127.0.0.1:*:*:cardstock:${secret}\n`, { mode: 0o600 });
  if (installation.user) chownSync(passwords, installation.user.uid, installation.user.gid);
  const source = `host=127.0.0.1 port=${other.port} user=cardstock passfile='${passwords}' application_name=${id} connect_timeout=2`;
  const more = {
    primary_conninfo: source,
    // A commit is answered when the other one has it too, and waits while there is no other.
    synchronous_standby_names: '*',
    wal_keep_size: '1GB',
    // What a machine that vanished leaves behind must not hold up the one that takes over.
    ...{ wal_sender_timeout: '5s', wal_receiver_timeout: '5s', wal_retrieve_retry_interval: '500ms' },
    ...(savesMemory ? { shared_buffers: `${megabytesOfBuffers}MB` } : {}),
  };
  const server = preparePostgres({ installation, dataDir, secret, port, more });
  return {
    ...{ id, port, url, launchAsItWas: server.launch },
    launch: async () => {
      if (!isStandby(installation.folder) && (await isPrimary(other.url))) await copy(other, own, passwords);
      return server.launch();
    },
  };
}

/** False while it does not answer, or if the session that asks does not last for so long. */
export function isPrimary(url: string, lastsMs = 0): Promise<boolean> {
  const asked = { connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 + lastsMs };
  const question = 'select not pg_is_in_recovery() as is_primary from pg_sleep($1)';
  return withPostgres(asked, async (client) => {
    const { rows } = await client.query(question, [lastsMs / 1_000]);
    return rows[0].is_primary as boolean;
  }).catch(() => false);
}

const run = promisify(execFile);

/** Made under another name and renamed, so that one that is interrupted leaves no half a copy. */
async function copy(from: Half, to: Half, passwords: string): Promise<void> {
  const { folder, programs, user } = to.installation;
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (user) chownSync(unfinished, user.uid, user.gid);
  const source = ['-h', '127.0.0.1', '-p', String(from.port), '-U', 'cardstock', '--no-password'];
  await run(
    `${programs.bin}/pg_basebackup`,
    ['-D', unfinished, ...source, '--wal-method=stream', '--checkpoint=fast'],
    {
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
      cwd: '/',
      env: { ...serverEnv(), PGPASSFILE: passwords },
    },
  );
  writeFileSync(`${unfinished}/standby.signal`, '');
  if (user) chownSync(`${unfinished}/standby.signal`, user.uid, user.gid);
  rmSync(folder, { recursive: true, force: true });
  renameSync(unfinished, folder);
}

/** After the first start of both: who HAProxy asks as. */
export function makeCheckRole(url: string): Promise<void> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query('select from pg_roles where rolname = $1', [checkRole]);
    if (rows.length === 0) await client.query(`create role ${checkRole} login`);
  });
}
