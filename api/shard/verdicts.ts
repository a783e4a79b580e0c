import { decodeReports } from '../../core/wire/decode-reports.ts';
import type { EventsEntry } from '../../core/wire/events.ts';
import type { Report } from '../../core/wire/reports.ts';
import { createDeadlines } from './deadlines.ts';
import type { Subscriber } from './reports.ts';

/** As a subscriber it hands reports to those who wait for them; who waits for one that a reset passes over gets null. */
export type Verdicts = Subscriber & {
  /** Null after `waitTimeoutMs`, and at once for a report that has been delivered and is not kept any more. */
  readonly verdict: (sequence: number) => Promise<Report | null>;
  /** How many are waited for. */
  readonly awaited: () => number;
  readonly close: () => void;
};

type Waiter = { readonly answer: Promise<Report | null>; readonly resolve: (report: Report | null) => void };

/**
 * A report may come before the answer to the submit that it is about, since they travel on two connections. What came
 * last is therefore kept: what may come between is what one read of the events stream brings, some thousands of reports.
 * It is kept as the text that it was: few are ever asked for, and objects that live for long are dear to V8.
 */
export function createVerdicts({
  waitTimeoutMs,
  keep = 20_000,
}: {
  waitTimeoutMs: number;
  keep?: number;
}): Verdicts {
  const waiting = new Map<number, Waiter>();
  const entries: EventsEntry[] = [];
  let kept = 0;
  let decoded: { readonly entry: EventsEntry; readonly reports: readonly Report[] } | undefined;
  let heard = -1;

  const find = (sequence: number): Report | null => {
    const entry = entries.findLast(({ first }) => first <= sequence);
    if (!entry) return null;
    // The commands of one submit are asked for one after the other.
    if (decoded?.entry !== entry) decoded = { entry, reports: decodeReports(entry.text) };
    return decoded.reports[sequence - entry.first] ?? null;
  };

  const settle = (sequence: number, report: Report | null): void => {
    const waiter = waiting.get(sequence);
    if (!waiter) return;
    waiting.delete(sequence);
    deadlines.delete(sequence);
    waiter.resolve(report);
  };
  const deadlines = createDeadlines<number>(waitTimeoutMs, (sequence) => settle(sequence, null));

  return {
    reports: (reports, entry) => {
      entries.push(entry);
      kept += lengthOf(entry);
      while (kept - lengthOf(entries[0]!) >= keep) kept -= lengthOf(entries.shift()!);
      heard = entry.last;
      if (waiting.size > 0) for (const report of reports) settle(report.sequence, report);
    },
    reset: (sequence) => {
      heard = sequence;
      for (const asked of waiting.keys()) if (asked <= sequence) settle(asked, null);
    },
    verdict: (sequence) => {
      if (sequence <= heard) return Promise.resolve(find(sequence));
      // Asked for a second time: both have the answer when the first has it, or its timeout.
      let waiter: Waiter | undefined = waiting.get(sequence);
      if (!waiter) {
        const { promise, resolve } = Promise.withResolvers<Report | null>();
        waiter = { answer: promise, resolve };
        waiting.set(sequence, waiter);
        deadlines.add(sequence);
      }
      return waiter.answer;
    },
    awaited: () => waiting.size,
    close: () => {
      for (const sequence of waiting.keys()) settle(sequence, null);
      deadlines.clear();
    },
  };
}

function lengthOf({ first, last }: EventsEntry): number {
  return last - first + 1;
}
