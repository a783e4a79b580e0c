import { count } from '../../console/figures.ts';
import { linesOf } from '../../console/table.ts';
import type { Frames, Spread } from './frames.ts';
import type { Watched } from './market.ts';

export type Measured = {
  readonly gzipped: number;
  /** Milliseconds, the middle one of several. */
  readonly interactive: number;
  readonly busy: { readonly frames: Frames; readonly changesPerSecond: number };
  readonly long: Watched & { readonly hours: number };
  readonly complaints: readonly string[];
};

/** A figure, what is wanted of it, and whether it is so. Times depend on what else the machine does; the others never do. */
export type Figure = {
  readonly name: string;
  readonly value: string;
  readonly wanted: string;
  readonly isMet: boolean;
  readonly isTime?: true;
};

const mostGzipped = 120_000;
const interactiveMs = 1_000;
const frameMs = 16;
/** What a heap that does not grow may differ from quarter to quarter, in megabytes. */
const heapLeeway = 4;

/** The first samples are left out: lists fill up at first. */
export function growthOf(heaps: readonly number[]): number {
  const later = heaps.slice(Math.floor(heaps.length / 3));
  return (later.at(-1) ?? 0) - (later[0] ?? 0);
}

const ms = (time: number) => `${time.toFixed(1)} ms`;
const spread = ({ p50, p95, most }: Spread) =>
  `p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}, most ${ms(most)}`;
const megabytes = (heap: number | undefined) => (heap ?? 0).toFixed(1);

export function figuresOf({ gzipped, interactive, busy, long, complaints }: Measured): Figure[] {
  const { frames, changesPerSecond } = busy;
  const growth = growthOf(long.heaps);
  return [
    {
      ...{ name: 'page, gzipped, without fonts', value: `${(gzipped / 1_000).toFixed(1)} kB` },
      ...{ wanted: `≤ ${mostGzipped / 1_000} kB`, isMet: gzipped <= mostGzipped },
    },
    {
      ...{ name: 'can be traded with after', value: ms(interactive), wanted: `≤ ${interactiveMs} ms` },
      ...{ isMet: interactive <= interactiveMs, isTime: true },
    },
    {
      ...{ name: 'book changes a second, while frames are traced', value: count(changesPerSecond) },
      ...{ wanted: '', isMet: true },
    },
    { name: 'frames a second', value: frames.perSecond.toFixed(1), wanted: '', isMet: true },
    { name: 'from frame to frame', value: spread(frames.interval), wanted: '', isMet: true },
    {
      ...{ name: 'work of the main thread for a frame', value: spread(frames.work) },
      ...{ wanted: `p95 ≤ ${frameMs} ms`, isMet: frames.work.p95 <= frameMs, isTime: true },
    },
    { name: 'its CPU time', value: spread(frames.cpu), wanted: '', isMet: true },
    {
      ...{ name: `${long.hours} hours of market in`, value: `${Math.round(long.seconds)} s`, wanted: '' },
      isMet: true,
    },
    {
      ...{ name: 'orders, book changes of it', wanted: '', isMet: true },
      value: `${count(long.orders)}, ${count(long.changes)}`,
    },
    {
      ...{ name: 'ladder afterwards', value: long.ladder.isEqual ? 'the server’s book' : 'another book' },
      ...{ wanted: 'the server’s book', isMet: long.ladder.isEqual },
    },
    {
      ...{ name: 'broken by a checksum meanwhile', value: count(long.breaks), wanted: '0' },
      isMet: long.breaks === 0,
    },
    {
      ...{ name: 'memory of the page, MB', value: long.heaps.map(megabytes).join(' ') },
      ...{ wanted: `flat, ± ${heapLeeway}`, isMet: growth <= heapLeeway },
    },
    {
      ...{ name: 'errors in the console, reports of the policy', value: count(complaints.length) },
      ...{ wanted: '0', isMet: complaints.length === 0 },
    },
  ];
}

export function describeFigures(figures: readonly Figure[]): string {
  const verdictOf = ({ wanted, isMet }: Figure) => (wanted === '' ? '' : isMet ? 'met' : 'missed');
  const rows = figures.map((figure) => [figure.name, figure.value, figure.wanted, verdictOf(figure)]);
  return linesOf([['', 'measured', 'wanted', ''], ...rows], [0, 1, 2, 3]).join('\n');
}

/** Whether all is met that no busy machine may change. */
export function isSound(figures: readonly Figure[]): boolean {
  return figures.every(({ isMet, isTime }) => isMet || isTime === true);
}
