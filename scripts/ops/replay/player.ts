// Goes forward through the recorded commands, comparing all the way.

import { createHash } from 'node:crypto';
import { reportsAfter } from '../../../core/wire/events.ts';
import type { Report } from '../../../core/wire/reports.ts';
import { ahead } from './ahead.ts';
import { comparePage } from './compare.ts';
import { InterruptedError, type Namespace } from './namespace.ts';
import { leave, type Played, play, prepareNamespace } from './play.ts';
import { type Part, recordedPages, recordedTrades } from './recorded.ts';

export type Player = {
  /** Plays through a sequence, and shows each report. Throws `DifferenceError` or `InterruptedError`. */
  readonly advance: (through: number, visit?: (report: Report) => void) => Promise<void>;
  /** The last sequence that was compared. */
  readonly at: () => number;
  readonly trades: () => number;
  /** Of the trades so far: the lines of `tradeColumns`, each with a line feed. Ends the player. */
  readonly tradesSha256: () => string;
};

export type PlayerOptions = {
  readonly parts: readonly Part[];
  readonly namespace: Namespace;
  readonly first: number;
  readonly pageSize: number;
  readonly signal: AbortSignal;
  readonly progress: (at: number, trades: number) => void;
};

/** Where the namespace has got to already, its trades are read once more, for their hash. */
export async function createPlayer(options: PlayerOptions): Promise<Player> {
  const { parts, namespace, first, pageSize, signal, progress } = options;
  const standing = await prepareNamespace(namespace, first);
  const sha = createHash('sha256');
  let trades = 0;
  let at = standing.compared;
  const addTrades = (text: string): void => {
    if (text === '') return;
    sha.update(`${text}\n`);
    trades += text.split('\n').length;
  };
  for await (const text of ahead(recordedTrades(parts, { first, last: at, pageSize }))) addTrades(text);
  const advance: Player['advance'] = async (through, visit) => {
    if (standing.sequence > through)
      throw new Error(
        `the interrupted replay is at ${standing.sequence} already, beyond ${through}; leave --resume out`,
      );
    const pages = ahead(recordedPages(parts, { first: at + 1, last: through, pageSize }));
    for await (const played of ahead(play(namespace, pages, standing))) {
      comparePage(played);
      addTrades(played.page.trades);
      if (visit) showReports(played, visit);
      await leave(namespace, played.page);
      at = played.page.last;
      progress(at, trades);
      if (signal.aborted) throw new InterruptedError(at);
    }
  };
  return { advance, at: () => at, trades: () => trades, tradesSha256: () => sha.digest('hex') };
}

function showReports({ page, entries }: Played, visit: (report: Report) => void): void {
  let last = page.first - 1;
  for (const entry of entries) {
    reportsAfter(last, entry).forEach(visit);
    last = entry.last;
  }
}
