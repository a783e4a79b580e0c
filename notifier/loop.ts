import { backoff, sleep } from '../core/lifecycle.ts';
import { type Delivering, deliverLetter, deliverTo, leaseAfter } from './deliver.ts';
import { claimLagging, markLagging, newestNotice, unmarkTold } from './queries/claim.ts';
import { takeWantedLetters } from './queries/dead-letters.ts';
import { sweepNotices } from './queries/sweep.ts';

/** So many receivers may hang at once, for a time-out each, before others wait. */
const mostAtOnce = 500;
const pollMs = 100;
/** How often those that may lag are looked at: for retries, and for what others let go of. */
const laggingEveryMs = 500;
const sweepEveryMs = 60_000;
/** After a sweep that has not come to the end. */
const sweepOnMs = 1_000;
const lettersAtOnce = 10;

export type Work = {
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly working: () => number;
  /** Up to this notice it is noted who may lag; null before the first look. */
  readonly noted: () => number | null;
};

/**
 * Takes webhooks that have something to be told, and tells them. Any number of notifiers may run: a claim keeps them apart,
 * and one that dies leaves its webhooks to others once its claims end.
 */
export function createWork(delivering: () => Delivering): Work {
  const underWay = new Set<Promise<void>>();
  /** Up to this notice it is noted who may lag; at first everything that is kept is looked through. */
  let noted = 0;
  let hasNoted = false;
  let laggingAt = 0;
  let unmarkAt = 0;
  const start = (on: Delivering, work: Promise<boolean | undefined>): void => {
    const done = work
      .then((hasMore) => {
        if (hasMore === true) laggingAt = 0;
      })
      .catch((error) => on.log.warn({ error: String(error) }, 'a webhook could not be worked on'))
      .finally(() => underWay.delete(done));
    underWay.add(done);
  };
  const note = async ({ pool }: Delivering): Promise<void> => {
    const newest = await newestNotice(pool);
    if (newest > noted) {
      await markLagging(pool, noted, newest);
      noted = newest;
      laggingAt = 0;
    }
    hasNoted = true;
  };
  const look = async (on: Delivering, signal: AbortSignal): Promise<boolean> => {
    const most = Math.min(mostAtOnce - underWay.size, 200);
    if (most <= 0) return false;
    await note(on);
    if (performance.now() < laggingAt) return false;
    laggingAt = performance.now() + laggingEveryMs;
    const webhooks = await claimLagging(on.pool, {
      claim: on.claim,
      most,
      leaseMs: leaseAfter(on.timeoutMs),
    });
    for (const webhook of webhooks) start(on, deliverTo(on, webhook, signal));
    for (const letter of await takeWantedLetters(on.pool, lettersAtOnce))
      start(on, deliverLetter(on, letter));
    if (webhooks.length > 0) laggingAt = 0;
    if (performance.now() >= unmarkAt) {
      await unmarkTold(on.pool);
      unmarkAt = performance.now() + laggingEveryMs;
    }
    return webhooks.length > 0;
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    const on = delivering();
    let failures = 0;
    let swept = 0;
    let sweepAt = 0;
    while (!signal.aborted) {
      try {
        if (performance.now() > sweepAt) {
          const last = await sweepNotices(on.pool, swept);
          swept = last ?? 0;
          sweepAt = performance.now() + (last === null ? sweepEveryMs : sweepOnMs);
        }
        if (!(await look(on, signal))) await sleep(pollMs, signal);
        failures = 0;
      } catch (error) {
        on.log.warn({ error: String(error) }, 'cannot look for what is to be told; trying again');
        await sleep(backoff(failures++), signal);
      }
    }
    await Promise.all(underWay);
  };
  return { run, working: () => underWay.size, noted: () => (hasNoted ? noted : null) };
}
