// Refills an empty Redis from PostgreSQL, so that the exchange goes on where PostgreSQL stands.
//
// Why: when Redis and its disk are lost, the books, balances and counters live on in PostgreSQL up to its checkpoint, and
// the matcher refuses to trade until Redis has them again. What was accepted after the checkpoint is looked for in what is
// left of the append-only files, and the sequences that clients may know are never given to anything else.
//
// Usage: npm run rebuild -- --after checkpoint         (--help tells the rest)

import type { Redis } from 'ioredis';
import { type Config, readConfig } from '../core/config.ts';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { count } from './console/figures.ts';
import { whole } from './console/options.ts';
import { withProgress } from './console/progress.ts';
import { withPool, withRedis } from './launcher/connections.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { findOrStartServers } from './ops/rebuild/addresses.ts';
import { scanAppendOnlyFiles } from './ops/rebuild/append-only-files.ts';
import { type Continuation, decideContinuation, type Wish } from './ops/rebuild/continuation.ts';
import { type Rebuilt, rebuild } from './ops/rebuild/rebuild.ts';
import { rebuildWithout } from './ops/rebuild/without.ts';

type Options = {
  readonly aof?: string;
  readonly after?: number | 'checkpoint';
  readonly without?: number;
  readonly resubmit?: true;
  readonly void?: true;
  readonly start?: true;
};

function sequenceIn(text: string): number | 'checkpoint' {
  if (text === 'checkpoint') return text;
  if (!/^\d{1,16}$/.test(text)) throw new UsageError('--after takes a sequence, or the word checkpoint.');
  return Number(text);
}

async function run(options: Options): Promise<void> {
  if (options.resubmit && options.void) throw new UsageError('Say --resubmit or --void, not both.');
  if (options.without !== undefined && (options.aof ?? options.after) !== undefined)
    throw new UsageError('--without goes by what Redis has: it takes neither --aof nor --after.');
  const config = readConfig(readEnvironment().inherited);
  const servers = await findOrStartServers(options.start ?? false);
  try {
    const { shard } = config;
    const rebuilt = await withRedis(
      servers.redisUrl,
      (redis) => rebuildOn(redis, servers.databaseUrl, { config, options }),
      { shard },
    );
    console.log(summary(rebuilt));
  } finally {
    await servers.release();
  }
}

type Wanted = { readonly config: Config; readonly options: Options };

function rebuildOn(redis: Redis, databaseUrl: string, { config, options }: Wanted): Promise<Rebuilt> {
  const { shard, clientOidWindowMs: windowMs, maxUnmatched, maxUnpersisted } = config;
  const { without: sequence } = options;
  const lost = options.resubmit ? 'resubmit' : options.void ? 'void' : null;
  const decide = async (checkpoint: number): Promise<Continuation> => {
    const found = options.aof === undefined ? null : await listLost(options.aof, shard, checkpoint);
    const wish: Wish = { found, lost, after: options.after ?? null };
    return decideContinuation(checkpoint, maxUnmatched + maxUnpersisted, wish);
  };
  return withPool(databaseUrl, (pool) =>
    pool.connect((connection) =>
      withProgress((show) => {
        const progress = (what: string, done: number): void => show(null, `${count(done)} ${what}`);
        const wanted = { redis, connection, shard, windowMs, progress };
        if (sequence === undefined) return rebuild({ ...wanted, decide });
        return rebuildWithout({ ...wanted, sequence, lost, show: (line) => console.log(line) });
      }),
    ),
  );
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

const says = `Refills an empty Redis from PostgreSQL: books, accounts, counters, products as announced, ids that must not be given again.
Redis must have nothing of the shard but what an interrupted rebuild left, which starts over (all but --without), and no writer
may be at work.

Say --after or --aof; with --aof, what is found may be resubmitted or voided.

Uses REDIS_URL and DATABASE_URL, or the servers of the exchange in DATA_DIR; SHARD (main) says which shard.
Exit code: 0 rebuilt, 2 refused with nothing touched, 1 failed; then run it again. Start every process anew afterwards.`;

await main(
  command('npm run rebuild', says)
    .option(
      '--aof <path>',
      'look for accepted commands that PostgreSQL never saw in the append-only files of the Redis that was lost: its ' +
        'appendonlydir, the folder of that, or one file. They are listed: sequence and command',
    )
    .option('--resubmit', 'have those commands matched again, under their own sequences')
    .option('--void', 'give them up. Their sequences stay taken: each is given to a cancel that does nothing')
    .option(
      '--after <n>',
      'sequences up to N were given to clients; those that nothing is known of are voided. `checkpoint`: none were given ' +
        'that PostgreSQL has not',
      sequenceIn,
    )
    .addOption(
      whole(
        '--without <n>',
        'PostgreSQL refuses the report of sequence N, and its cause cannot be mended: go back to what PostgreSQL has, and on ' +
          'without that command. Redis has everything, and every process is stopped. Lists the reports that will not count any ' +
          'more; with --resubmit the commands after N are matched again, with --void given up',
        [1, Number.MAX_SAFE_INTEGER],
      ),
    )
    .option('--start', 'start the Redis and PostgreSQL in DATA_DIR for this, without the exchange')
    .action(run),
  { refusal: 2 },
);
