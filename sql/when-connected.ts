import { setTimeout as sleep } from 'node:timers/promises';
import { StalePostgresError } from './freshness.ts';

/** PostgreSQL has no connection left for this role or database: others of the pool may be free in a moment. */
const full = /^53300$/;
/** The first wait, and the longest: a database that is behind in all its connections is not to be worn out by new ones. */
const pauses = { first: 20, longest: 500 };

/**
 * Asks again while no connection can be had that is of use: one that was stale is closed by now, and a pool that cannot grow may
 * still have connections that come back. Nothing was asked in either case. Gives up after `ms`.
 */
export async function whenConnected<T>(ask: () => Promise<T>, ms: number): Promise<T> {
  const deadline = performance.now() + ms;
  for (let pauseMs = pauses.first; ; pauseMs = Math.min(2 * pauseMs, pauses.longest)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StalePostgresError || isFull(error)) || performance.now() + pauseMs > deadline)
        throw error;
      await sleep(pauseMs);
    }
  }
}

function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return (typeof code === 'string' && full.test(code)) || isFull(error.cause);
}
