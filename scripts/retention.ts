// Moves old partitions of orders, trades, commands, ledger and requests from PostgreSQL into compressed files.
//
// Why: an exchange that never forgets grows without end. What is old and settled is exported, read back, and only then
// taken out of the tables; a row in `archives` says what they no longer hold, and what a rebuild needs of it stays.
//
// Usage: npm run retention -- --older-than 90                       lists what would go
//        npm run retention -- --older-than 90 --to /archive         exports and detaches it
//        (--help tells the rest)

import type { Client } from 'pg';
import type { DatabasePool } from 'slonik';
import { readConfig } from '../core/config.ts';
import { withPostgres } from '../sql/with-postgres.ts';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { withPool } from './launcher/connections.ts';
import { findDatabase } from './launcher/found.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { StartError } from './launcher/servers/errors.ts';
import { judgePartitions, type Verdict } from './ops/retention/partitions.ts';
import { dropRetired, type Retirement, retire } from './ops/retention/retire.ts';

type Options = {
  readonly olderThan: number;
  readonly to?: string;
  readonly drop?: boolean;
  readonly dryRun?: true;
};
type Plan = { readonly before: number; readonly folder: string | null; readonly drop: boolean };

const day = 24 * 3_600_000;

function daysIn(text: string): number {
  const days = Number(text);
  if (!(days > 0)) throw new UsageError(`--older-than must be a number of days, and is "${text}".`);
  // A rebuild reads from the tables which ids were given within this time.
  if (days * day < readConfig(readEnvironment().inherited).clientOidWindowMs)
    throw new UsageError('--older-than must not be shorter than CLIENT_OID_WINDOW_MS.');
  return days;
}

function describe({ from, below, newest, kept }: Verdict): string {
  const range = `${from} to ${below - 1}, newest ${new Date(newest).toISOString()}`;
  return `${range}: ${kept === null ? 'goes' : `stays, it ${kept}`}`;
}

async function work(pool: DatabasePool, client: Client, { before, folder, drop }: Plan): Promise<void> {
  const verdicts = await judgePartitions(pool, before);
  const going = verdicts.filter(({ kept }) => kept === null);
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

async function run({ olderThan, to, drop = false, dryRun }: Options): Promise<void> {
  const databaseUrl = findDatabase();
  const plan = { before: Date.now() - olderThan * day, folder: dryRun ? null : (to ?? null), drop };
  await withPool(databaseUrl, (pool) => withPostgres(databaseUrl, (client) => work(pool, client, plan)), {
    statementTimeoutMs: 3_600_000,
  });
}

const says = `Takes partitions out of PostgreSQL whose newest row is older than so many days and in which no order is open. Each table's
part becomes a gzipped CSV in the folder, with a manifest of rows, columns and SHA-256, and is read back before it is detached.
The exchange may go on meanwhile. Interrupted, it can be run again.

Uses DATABASE_URL, or the exchange that npm start runs in DATA_DIR. Exit code: 0 done, 2 refused, 1 failed.`;

await main(
  command('npm run retention', says)
    .requiredOption('--older-than <days>', 'how old', daysIn)
    .option('--to <dir>', 'where the files go; without it, what would go is listed and nothing is done')
    .option(
      '--drop',
      "drop what was detached, now and by earlier runs; otherwise its tables stay, outside of the exchange's",
    )
    .option('--dry-run', 'list only, whatever else is said')
    .action(run),
  { refusal: 2 },
);
