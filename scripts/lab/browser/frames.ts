import type { Browser, Page } from 'playwright-core';
import { percentiles } from '../../console/figures.ts';

type TraceEvent = {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
};

export type Spread = { readonly p50: number; readonly p95: number; readonly most: number };

/** All but the first in milliseconds. */
export type Frames = {
  readonly perSecond: number;
  /** Between the starts of two frames. */
  readonly interval: Spread;
  /** What the page's main thread did for a frame, by the clock. */
  readonly work: Spread;
  /** The same in CPU time: what is left of it on a machine that others use too. */
  readonly cpu: Spread;
};

const categories = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'];

/** Traces the page while something is going on. */
export async function traceFrames(
  browser: Browser,
  page: Page,
  during: () => Promise<unknown>,
): Promise<Frames> {
  await browser.startTracing(page, { categories });
  await during();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  return framesOf(traceEvents);
}

const isFrame = ({ name }: TraceEvent) => name === 'FireAnimationFrame';
const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;

/** The page's main thread is the one that fires the most frames. A frame ends with the task that fires it; all tasks since the one before are its work. */
export function framesOf(events: readonly TraceEvent[]): Frames {
  const byThread = [...Map.groupBy(events.filter(isFrame), threadOf)];
  const [thread, fired] = byThread.sort(([, one], [, other]) => other.length - one.length)[0] ?? ['', []];
  const firedAt = fired.map(({ ts }) => ts).sort((one, other) => one - other);
  const tasks = events.filter((event) => event.name === 'RunTask' && threadOf(event) === thread);
  const frames: { at: number; work: number; cpu: number }[] = [];
  let [next, work, cpu] = [0, 0, 0];
  for (const { ts, dur = 0, tdur = 0 } of tasks.sort((one, other) => one.ts - other.ts)) {
    work += dur;
    cpu += tdur;
    const before = next;
    while (next < firedAt.length && firedAt[next]! <= ts + dur) next++;
    if (next === before) continue;
    frames.push({ at: ts / 1_000, work: work / 1_000, cpu: cpu / 1_000 });
    [work, cpu] = [0, 0];
  }
  // What came before the first one is no work of a frame.
  const counted = frames.slice(1);
  const seconds = ((frames.at(-1)?.at ?? 0) - (frames[0]?.at ?? 0)) / 1_000;
  return {
    perSecond: seconds === 0 ? 0 : counted.length / seconds,
    interval: spread(counted.map(({ at }, i) => at - frames[i]!.at)),
    work: spread(counted.map((frame) => frame.work)),
    cpu: spread(counted.map((frame) => frame.cpu)),
  };
}

function spread(values: number[]): Spread {
  const of = percentiles(values);
  return { p50: of(0.5), p95: of(0.95), most: of(1) };
}
