import type { ServerResponse } from 'node:http';
import type { Config } from '../../core/config.ts';
import { type Claimant, whoIs } from '../auth/callers.ts';
import { TooManyRequests } from '../errors.ts';
import { createAddresses, noLimits } from '../feed/addresses.ts';

/** Streams that one caller may have open on a process: as many as operations of a socket. */
const mostOfCaller = 50;
/** How long a client may take to read what it was sent. */
const readingMs = 30_000;
const checkEveryMs = 1_000;

/** The subscriptions that are told by events of the server. */
export type EventStreams = {
  /** Counts one until its answer ends. `shown` is null if it needed no credentials. Throws `TooManyRequests`. */
  readonly enter: (response: ServerResponse, address: string, shown: Claimant | null) => void;
  readonly close: () => void;
};

/** An address opens them as fast, and has as many of them, as it does sockets. One that does not read is ended. */
export function createEventStreams(
  config: Pick<Config, 'rateLimits' | 'feedLimits'>,
  timeoutMs = readingMs,
): EventStreams {
  const addresses = createAddresses(config.rateLimits ? config.feedLimits : noLimits);
  const callers = new Map<string, number>();
  /** Since when each waits to be read; null if it does not. */
  const open = new Map<ServerResponse, number | null>();
  const checking = setInterval(() => {
    const now = Date.now();
    for (const [response, since] of open) {
      if (!response.writableNeedDrain) open.set(response, null);
      else if (since === null) open.set(response, now);
      else if (now - since > timeoutMs) response.destroy();
    }
  }, checkEveryMs);
  const count = (who: string, more: number): void => {
    const now = (callers.get(who) ?? 0) + more;
    if (now === 0) callers.delete(who);
    else callers.set(who, now);
  };
  return {
    enter: (response, address, shown) => {
      const who = shown && whoIs(shown);
      if (who !== null && (callers.get(who) ?? 0) >= mostOfCaller)
        throw new TooManyRequests(`At most ${mostOfCaller} subscriptions of a caller are open at a time`);
      const entered = addresses.enter(address);
      if (!entered) throw new TooManyRequests('Public rate limit exceeded');
      if (who !== null) count(who, 1);
      open.set(response, null);
      response.on('drain', () => open.has(response) && open.set(response, null));
      response.once('close', () => {
        open.delete(response);
        entered.leave();
        if (who !== null) count(who, -1);
      });
    },
    close: () => {
      clearInterval(checking);
      addresses.close();
    },
  };
}
