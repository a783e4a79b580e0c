// Moves old partitions of orders, trades, commands, ledger and requests from PostgreSQL into compressed files.
//
// Why: an exchange that never forgets grows without end. What is old and settled is exported, read back, and only then
// taken out of the tables; a row in `archives` says what they no longer hold, and what a rebuild needs of it stays.
//
// Usage: npm run retention -- --older-than 90                       lists what would go
//        npm run retention -- --older-than 90 --to /archive         exports and detaches it
//        (--help tells the rest)

import { parseArgs } from 'node:util';
import { Client } from 'pg';
import type { DatabasePool } from 'slonik';
import { readConfig } from '../core/config.ts';
import { createLog } from '../core/log.ts';
import { openPool } from '../sql/pool.ts';
import { readDemo } from './launcher/demo.ts';
import { type Environment, readEnvironment } from './launcher/servers/environment.ts';
import { StartError } from './launcher/servers/errors.ts';
import { judgePartitions, type Verdict } from './ops/retention/partitions.ts';
import { dropRetired, type Retirement, retire } from './ops/retention/retire.ts';

const usage = `Usage: npm run retention -- --older-than DAYS [--to DIR [--drop]] [--dry-run]

Takes partitions out of PostgreSQL whose newest row is older than so many days and in which no order is open. Each table's
part becomes a gzipped CSV in DIR, with a manifest of rows, columns and SHA-256, and is read back before it is detached.
The exchange may go on meanwhile. Interrupted, it can be run again.

  --to DIR     where the files go; without it, what would go is listed and nothing is done
  --drop       drop what was detached, now and by earlier runs; otherwise its tables stay, outside of the exchange's
  --dry-run    list only, whatever else is said

Uses DATABASE_URL, or the exchange that npm start runs in DATA_DIR. Exit code: 0 done, 2 refused, 1 failed.`;

type Options = { readonly before: number; readonly folder: string | null; readonly drop: boolean };

const day = 24 * 3_600_000;

function readOptions({ inherited }: Environment): Options | 'help' {
  const { values } = parseArgs({
    options: {
      ...{ 'older-than': { type: 'string' }, to: { type: 'string' } },
      ...{ drop: { type: 'boolean' }, 'dry-run': { type: 'boolean' }, help: { type: 'boolean' } },
    },
  });
  if (values.help) return 'help';
  const days = Number(values['older-than']);
  if (!(days > 0)) throw new StartError(`Say --older-than DAYS.\n\n${usage}`);
  // A rebuild reads from the tables which ids were given within this time.
  if (days * day < readConfig(inherited).clientOidWindowMs)
    throw new StartError('--older-than must not be shorter than CLIENT_OID_WINDOW_MS.');
  const folder = values['dry-run'] ? null : (values.to ?? null);
  return { before: Date.now() - days * day, folder, drop: values.drop ?? false };
}

function describe({ from, below, newest, kept }: Verdict): string {
  const range = `${from} to ${below - 1}, newest ${new Date(newest).toISOString()}`;
  return `${range}: ${kept === null ? 'goes' : `stays, it ${kept}`}`;
}

async function work(pool: DatabasePool, client: Client, options: Options): Promise<void> {
  const verdicts = await judgePartitions(pool, options.before);
  const going = verdicts.filter(({ kept }) => kept === null);
  const { folder, drop } = options;
  if (folder === null) {
    for (const verdict of verdicts) console.log(describe(verdict));
    console.log(`${going.length} of ${verdicts.length} full partitions would go. Nothing was done.`);
    return;
  }
  await lockOut(client);
  const retirement: Retirement = { client, folder, drop, say: console.log };
  const dropped = drop ? await dropRetired(pool, retirement) : 0;
  for (const verdict of verdicts) {
    console.log(describe(verdict));
    if (verdict.kept === null) await retire(retirement, verdict);
  }
  console.log(
    `${going.length} partitions went to ${folder}${dropped > 0 ? `, ${dropped} earlier ones were dropped` : ''}.`,
  );
}

/** Two runs at once would write the same files. */
async function lockOut(client: Client): Promise<void> {
  const { rows } = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_lock(hashtextextended('retention of ' || current_schema(), 0)) as locked`,
  );
  if (!rows[0]!.locked) throw new StartError('Another retention is at work on this database.');
}

async function run(environment: Environment, options: Options): Promise<void> {
  const databaseUrl = environment.databaseUrl ?? readDemo(environment.dataDir)?.databaseUrl;
  if (databaseUrl === undefined)
    throw new StartError('No exchange runs in DATA_DIR, and DATABASE_URL is not set.');
  const log = createLog('retention', 'warn');
  const pool = await openPool(databaseUrl, log, { maxPoolSize: 1, statementTimeout: 3_600_000 });
  const client = new Client(databaseUrl);
  try {
    await client.connect();
    await work(pool, client, options);
  } finally {
    await client.end();
    await pool.end();
  }
}

try {
  const environment = readEnvironment();
  const options = readOptions(environment);
  if (options === 'help') console.log(usage);
  else await run(environment, options);
} catch (error) {
  const isUnreadable = String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
  const isRefusal = isUnreadable || error instanceof StartError;
  console.error(isRefusal ? (error as Error).message : error);
  process.exitCode = isRefusal ? 2 : 1;
}
