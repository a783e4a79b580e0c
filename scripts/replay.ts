// Plays everything that was recorded through the matching script once more, and compares every outcome and every trade.
//
// Why: the outcome is a function of the commands, so the record must explain itself. PostgreSQL alone is read, and what it
// has exported; the commands go through the real scripts, in a namespace of their own that is removed afterwards.
//
// Usage: npm run replay                            all there is, in a private Redis
//        npm run replay -- --until 5000            and the books as they stood then
//        npm run replay -- --explain 42            what was ahead of order 42, and why it traded as it did
//        npm run replay -- --help
//
// Orders are rebuilt from their rows, all other commands from their lines. The request ids of orders are left out: nothing
// that is matched depends on them. Two hashes tell whether two replays, or two exchanges, came to the same:
//
//   trades        copy (select sequence, product_id, trade_id, maker_order_id, taker_order_id, price, size, maker_trader_id,
//                   taker_trader_id, taker_side from trades order by sequence, trade_id) to stdout
//   open orders   copy (select product_id, side, price, place, id, trader_id, remaining, size of each open order, as it is
//                   now, by product, bids first, best first) to stdout
//
// each the SHA-256 of that text: a line each, tabs between, ticks and lots.

import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { count } from './console/figures.ts';
import { jsonFile, whole } from './console/options.ts';
import { type Show, withProgress } from './console/progress.ts';
import { untilSignal } from './console/signals.ts';
import { findDatabase } from './launcher/found.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { usualPageSize } from './ops/replay/recorded.ts';
import { type Progress, type ReplayWish, replay } from './ops/replay/replay.ts';
import { describeReplay, writeReplayJson } from './ops/replay/report.ts';

type Options = Omit<Partial<ReplayWish>, 'redisUrl'> & {
  readonly shard: string;
  readonly depth: number;
  readonly redis?: string;
  readonly json?: string;
};

function ratesOn(show: Show, startedAt: number): Progress {
  let from: number | null = null;
  return ({ first, at, last, trades }) => {
    from ??= at;
    const rate = ((at - from) / (performance.now() - startedAt)) * 1_000;
    show((at - first + 1) / (last - first + 1), `${count(trades)} trades, ${count(rate)} commands/s`);
  };
}

async function run({ redis, json, ...options }: Options): Promise<void> {
  if (options.resume && options.explain !== undefined)
    throw new UsageError('--explain must see all of what came before, so that it does not go with --resume.');
  const { until = null, explain = null, archives = null, resume = false, shard, depth } = options;
  const databaseUrl = findDatabase();
  const startedAt = performance.now();
  const replayed = await withProgress((show) =>
    replay({
      ...{ until, explain, archives, resume, shard, depth, databaseUrl, redisUrl: redis ?? null },
      ...{ environment: readEnvironment(), pageSize: usualPageSize, signal: untilSignal() },
      ...{ progress: ratesOn(show, startedAt), takingIn: (file) => show(0, file) },
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(describeReplay(replayed, seconds));
  if (json !== undefined) writeReplayJson(json, replayed, seconds);
}

const says = `Rebuilds every command from PostgreSQL alone, runs them through the matching script in a namespace of their own, and
compares what each came to, trade by trade. Ends with 0 if all is equal, with 2 if rows that it needs are in archives that it
was not given, and with 1 at the first difference or whatever else goes wrong.
Reads DATABASE_URL, or the exchange that npm start runs in DATA_DIR; writes to neither.`;

const sequences = [1, Number.MAX_SAFE_INTEGER] as const;

await main(
  command('npm run replay', says)
    .addOption(whole('--until <sequence>', 'stop there, and print the books as they stood then', sequences))
    .addOption(
      whole(
        '--explain <order>',
        'say what was ahead of it when it came in, and why it traded as it did',
        sequences,
      ),
    )
    .addOption(whole('--depth <n>', 'prices of each half to print', sequences).default(10))
    .option('--shard <name>', 'whose commands', 'main')
    .option('--redis <url>', 'replay in this Redis, instead of a private one')
    .option(
      '--archives <dir>',
      'read what npm run retention has exported from there, in a private PostgreSQL',
    )
    .option('--resume', 'go on where a replay was interrupted')
    .addOption(jsonFile())
    .action(run),
  { failure: 'The replay ended' },
);
