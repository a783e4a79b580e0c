import { decodeReports } from '../../core/wire/decode-reports.ts';
import type { EventsEntry } from '../../core/wire/events.ts';
import type { Touched } from '../market-data/market-data.ts';
import { type FeedEvent, forEachEvent } from './events.ts';

/** The last matching runs of a shard, for clients that come back. */
export type Recent = {
  readonly add: (entry: EventsEntry, touched: readonly Touched[]) => void;
  readonly clear: () => void;
  /** The events of a product after a number. Null if some of them are not kept any more, or were never there. */
  readonly since: (productId: string, sequence: number, now: number) => FeedEvent[] | null;
};

type Run = { readonly entry: EventsEntry; readonly touched: readonly Touched[] };

/** Kept as the texts that came, which the verdicts keep as well: few are ever read again. */
const mostReports = 20_000;

export function createRecent(most = mostReports): Recent {
  let runs: Run[] = [];
  let reports = 0;
  return {
    add: (entry, touched) => {
      runs.push({ entry, touched });
      reports += lengthOf(entry);
      while (reports - lengthOf(runs[0]!.entry) >= most) reports -= lengthOf(runs.shift()!.entry);
    },
    clear: () => {
      runs = [];
      reports = 0;
    },
    since: (productId, sequence, now) => {
      if (sequence >= now) return sequence === now ? [] : null;
      const events: FeedEvent[] = [];
      for (const { entry, touched } of runs)
        forEachEvent(decodeReports(entry.text), touched, {
          event: (event) => {
            if (event.productId === productId && event.sequence > sequence) events.push(event);
          },
        });
      return events[0]?.sequence === sequence + 1 ? events : null;
    },
  };
}

function lengthOf({ first, last }: EventsEntry): number {
  return last - first + 1;
}
