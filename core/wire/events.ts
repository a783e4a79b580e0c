import { decodeReports } from './decode-reports.ts';
import type { Report } from './reports.ts';

/** One matching run as the events stream holds it: the text of the reports of the sequences `first` to `last`. */
export type EventsEntry = {
  readonly id: string;
  readonly first: number;
  readonly last: number;
  readonly text: Buffer;
};

/** Stream id of the events entry that ends with a sequence. */
export function eventsId(sequence: number): string {
  return `0-${sequence}`;
}

/** Reads an entry as ioredis gives it in bytes: as a text, which takes fresh memory, the reports of a run are never needed. */
export function readEventsEntry([id, [, first, , text]]: [id: Buffer, fields: Buffer[]]): EventsEntry {
  return { id: String(id), first: Number(first), last: Number(id.subarray(2)), text: text! };
}

/** The reports of an entry that come after a sequence. An entry that starts later than the next one leaves a gap: that throws. */
export function reportsAfter(sequence: number, entry: EventsEntry): Report[] {
  if (entry.first > sequence + 1) throw new GapError(sequence + 1, entry.first);
  const reports = decodeReports(entry.text);
  return entry.first === sequence + 1 ? reports : reports.filter((report) => report.sequence > sequence);
}

/** The stream goes on at `found`, and the reports from `expected` on are not in it. */
export class GapError extends Error {
  readonly expected: number;
  readonly found: number;
  constructor(expected: number, found: number) {
    super(`the events stream lacks sequences ${expected} to ${found - 1}`);
    this.name = 'GapError';
    this.expected = expected;
    this.found = found;
  }
}
