import { backoff, sleep } from '../core/lifecycle.ts';
import { type Delivering, deliverLetter, deliverTo, leaseAfter } from './deliver.ts';
import { claimWebhooks, newestNotice } from './queries/claim.ts';
import { takeWantedLetters } from './queries/dead-letters.ts';
import { sweepNotices } from './queries/sweep.ts';

/** So many receivers may hang at once, for a time-out each, before others wait. */
const mostAtOnce = 500;
const pollMs = 100;
/** How often everything that is kept is looked through: for retries, and for what others let go of. */
const lookThroughMs = 500;
const sweepEveryMs = 60_000;
const lettersAtOnce = 10;

export type Work = { readonly run: (signal: AbortSignal) => Promise<void>; readonly working: () => number };

/**
 * Takes webhooks that have something to be told, and tells them. Any number of notifiers may run: a claim keeps them apart,
 * and one that dies leaves its webhooks to others once its claims end.
 */
export function createWork(delivering: () => Delivering): Work {
  const underWay = new Set<Promise<void>>();
  /** What was looked at, up to this notice; and when all is to be looked through again. */
  let seen = 0;
  let lookThroughAt = 0;
  const start = (on: Delivering, work: Promise<boolean | undefined>): void => {
    const done = work
      .then((hasMore) => {
        if (hasMore === true) lookThroughAt = 0;
      })
      .catch((error) => on.log.warn({ error: String(error) }, 'a webhook could not be worked on'))
      .finally(() => underWay.delete(done));
    underWay.add(done);
  };
  const look = async (on: Delivering, signal: AbortSignal): Promise<boolean> => {
    const room = Math.min(mostAtOnce - underWay.size, 200);
    if (room <= 0) return false;
    const looksThrough = performance.now() >= lookThroughAt;
    const newest = await newestNotice(on.pool);
    if (!looksThrough && newest <= seen) return false;
    if (looksThrough) lookThroughAt = performance.now() + lookThroughMs;
    const claiming = { claim: on.claim, most: room, leaseMs: leaseAfter(on.timeoutMs) };
    const webhooks = await claimWebhooks(on.pool, { ...claiming, since: looksThrough ? 0 : seen });
    for (const webhook of webhooks) start(on, deliverTo(on, webhook, signal));
    if (webhooks.length === room) lookThroughAt = 0;
    else seen = Math.max(seen, newest);
    if (looksThrough)
      for (const letter of await takeWantedLetters(on.pool, lettersAtOnce))
        start(on, deliverLetter(on, letter));
    return webhooks.length > 0;
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    const on = delivering();
    let failures = 0;
    let sweepAt = 0;
    while (!signal.aborted) {
      try {
        if (performance.now() > sweepAt) {
          await sweepNotices(on.pool);
          sweepAt = performance.now() + sweepEveryMs;
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
  return { run, working: () => underWay.size };
}
