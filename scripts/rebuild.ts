// Refills an empty Redis from PostgreSQL, so that the exchange goes on where PostgreSQL stands.
//
// Why: when Redis and its disk are lost, the books, balances and counters live on in PostgreSQL up to its checkpoint, and
// the matcher refuses to trade until Redis has them again. What was accepted after the checkpoint is looked for in what is
// left of the append-only files, and the sequences that clients may know are never given to anything else.
//
// Usage: npm run rebuild -- --after checkpoint         (--help tells the rest)

import { parseArgs } from 'node:util';
import type { Redis } from 'ioredis';
import { readConfig } from '../core/config.ts';
import { createLog } from '../core/log.ts';
import { connectNow } from '../core/redis.ts';
import { openPool } from '../sql/pool.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { StartError } from './launcher/servers/errors.ts';
import { type Addresses, findServers } from './ops/rebuild/addresses.ts';
import { scanAppendOnlyFiles } from './ops/rebuild/append-only-files.ts';
import { type Continuation, decideContinuation, type Wish } from './ops/rebuild/continuation.ts';
import { createProgress } from './ops/rebuild/progress.ts';
import { type Rebuilt, rebuild } from './ops/rebuild/rebuild.ts';
import { Refusal } from './ops/rebuild/refusal.ts';
import { rebuildWithout } from './ops/rebuild/without.ts';

const usage = `Usage: npm run rebuild -- [--start] (--after N | --after checkpoint | --aof PATH | --without N) [--resubmit | --void]

Refills an empty Redis from PostgreSQL: books, accounts, counters, products as announced, ids that must not be given again.
Redis must have nothing of the shard but what an interrupted rebuild left, which starts over (all but --without), and no writer
may be at work.

  --aof PATH          look for accepted commands that PostgreSQL never saw in the append-only files of the Redis that was
                      lost: its appendonlydir, the folder of that, or one file. They are listed: sequence and command
  --resubmit          have those commands matched again, under their own sequences
  --void              give them up. Their sequences stay taken: each is given to a cancel that does nothing
  --after N           sequences up to N were given to clients; those that nothing is known of are voided
  --after checkpoint  none were given that PostgreSQL has not
  --without N         PostgreSQL refuses the report of sequence N, and its cause cannot be mended: go back to what PostgreSQL has,
                      and on without that command. Redis has everything, and every process is stopped. Lists the reports that
                      will not count any more; with --resubmit the commands after N are matched again, with --void given up
  --start             start the Redis and PostgreSQL in DATA_DIR for this, without the exchange

Uses REDIS_URL and DATABASE_URL, or the servers of the exchange in DATA_DIR; SHARD (main) says which shard.
Exit code: 0 rebuilt, 2 refused with nothing touched, 1 failed; then run it again. Start every process anew afterwards.`;

type Options = Omit<Wish, 'found'> & {
  readonly aof: string | null;
  readonly without: number | null;
  readonly start: boolean;
};

function readOptions(): Options | 'help' {
  const { values } = parseArgs({
    options: {
      ...{ aof: { type: 'string' }, after: { type: 'string' }, without: { type: 'string' } },
      ...{ resubmit: { type: 'boolean' }, void: { type: 'boolean' } },
      ...{ start: { type: 'boolean' }, help: { type: 'boolean' } },
    },
  });
  if (values.help) return 'help';
  if (values.resubmit && values.void) throw new Refusal('Say --resubmit or --void, not both.');
  const isAfterGood = values.after === undefined || /^(checkpoint|\d{1,16})$/.test(values.after);
  if (!isAfterGood) throw new Refusal('--after takes a sequence, or the word checkpoint.');
  if (values.without !== undefined && !/^[1-9]\d{0,15}$/.test(values.without))
    throw new Refusal('--without takes the sequence of the command to leave out.');
  if (values.without !== undefined && (values.aof ?? values.after) !== undefined)
    throw new Refusal('--without goes by what Redis has: it takes neither --aof nor --after.');
  return {
    aof: values.aof ?? null,
    without: values.without === undefined ? null : Number(values.without),
    after:
      values.after === undefined || values.after === 'checkpoint'
        ? (values.after ?? null)
        : Number(values.after),
    lost: values.resubmit ? 'resubmit' : values.void ? 'void' : null,
    start: values.start ?? false,
  };
}

async function run(options: Options): Promise<Rebuilt> {
  const servers = await findServers(options);
  const { shard } = readConfig(readEnvironment().inherited);
  const redis = await connectNow(servers.redisUrl, { shard });
  try {
    return await rebuildOn(redis, servers, options);
  } finally {
    redis.disconnect();
    await servers.release();
  }
}

async function rebuildOn(redis: Redis, { databaseUrl }: Addresses, options: Options): Promise<Rebuilt> {
  const { shard, clientOidWindowMs, maxUnmatched, maxUnpersisted } = readConfig(readEnvironment().inherited);
  const log = createLog('rebuild', 'warn');
  const pool = await openPool(databaseUrl, log, { maxPoolSize: 1, statementTimeout: 600_000 });
  const progress = createProgress();
  const decide = async (checkpoint: number): Promise<Continuation> => {
    const found = options.aof === null ? null : await listLost(options.aof, shard, checkpoint);
    return decideContinuation(checkpoint, maxUnmatched + maxUnpersisted, { ...options, found });
  };
  const { without: sequence, lost } = options;
  try {
    return await pool.connect((connection) => {
      const wanted = { redis, connection, shard, windowMs: clientOidWindowMs, progress: progress.show };
      if (sequence === null) return rebuild({ ...wanted, decide });
      return rebuildWithout({ ...wanted, sequence, lost, show: (line) => console.log(line) });
    });
  } finally {
    progress.end();
    await pool.end();
  }
}

async function listLost(path: string, shard: string, checkpoint: number): Promise<Wish['found']> {
  const { found, notes } = await scanAppendOnlyFiles(path, shard, checkpoint);
  for (const note of notes) console.error(note);
  console.error(`${found.size} commands were accepted after ${checkpoint}, as far as ${path} shows.`);
  for (const [sequence, line] of found) console.log(`${sequence} ${line}`);
  return found;
}

function summary({ checkpoint, sequence, resubmitted, voided, voidedBy, ...counts }: Rebuilt): string {
  const { orders, accounts, products, ids } = counts;
  const lines = [
    `Redis holds what PostgreSQL had at ${checkpoint}: ${orders} open orders, ${accounts} accounts, ${products} products, ` +
      `${ids} client order and transfer ids.`,
  ];
  if (resubmitted > 0) lines.push(`${resubmitted} commands after that will be matched again.`);
  if (voided > 0) {
    lines.push(
      `${voided} sequences after that are void: the matcher will refuse them, as request ${voidedBy.requestId}. Whatever ` +
        'clients were told of them did not happen.',
    );
  }
  lines.push(`The next command gets ${sequence + 1}. Start api, matcher and writer anew.`);
  return lines.join('\n');
}

function fail(error: unknown): void {
  const isUnreadable = String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');
  const isRefusal = isUnreadable || error instanceof Refusal || error instanceof StartError;
  console.error(isRefusal ? (error as Error).message : error);
  process.exitCode = isRefusal ? 2 : 1;
}

try {
  const options = readOptions();
  console.log(options === 'help' ? usage : summary(await run(options)));
} catch (error) {
  fail(error);
}
