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

import { createProgressBar } from './launcher/progress-bar.ts';
import { untilSignal } from './launcher/until-signal.ts';
import { ArchivesNeededError } from './ops/replay/archives.ts';
import { DifferenceError } from './ops/replay/compare.ts';
import { readReplayCommand, replayHelp } from './ops/replay/options.ts';
import { usualPageSize } from './ops/replay/recorded.ts';
import { type Progress, replay } from './ops/replay/replay.ts';
import { describeReplay, writeReplayJson } from './ops/replay/report.ts';

type Shown = {
  readonly show: Progress;
  readonly takeIn: (file: string) => void;
  readonly end: () => void;
};

function showProgress(startedAt: number): Shown {
  const bar = createProgressBar(1);
  let from: number | null = null;
  return {
    show: ({ first, at, last, trades }) => {
      from ??= at;
      const rate = ((at - from) / (performance.now() - startedAt)) * 1_000;
      const count = (number: number): string => number.toLocaleString('en');
      bar.show(
        (at - first + 1) / (last - first + 1),
        `${count(trades)} trades, ${count(Math.round(rate))} commands/s`,
      );
    },
    takeIn: (file) => bar.show(0, file),
    end: bar.end,
  };
}

async function main(): Promise<void> {
  const command = readReplayCommand(process.argv.slice(2));
  if (command === 'help') {
    console.log(replayHelp);
    return;
  }
  const startedAt = performance.now();
  const bar = showProgress(startedAt);
  const options = {
    ...{ ...command, pageSize: usualPageSize, signal: untilSignal() },
    ...{ progress: bar.show, takingIn: bar.takeIn },
  };
  const replayed = await replay(options).finally(() => bar.end());
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(describeReplay(replayed, seconds));
  if (command.json !== null) writeReplayJson(command.json, replayed, seconds);
}

await main().catch((error) => {
  const isWhole = error instanceof DifferenceError || error instanceof ArchivesNeededError;
  console.error(isWhole ? error.message : `The replay ended: ${error.message}.`);
  process.exitCode = error instanceof ArchivesNeededError ? 2 : 1;
});
