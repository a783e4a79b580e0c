import type { Log } from './log.ts';

let ready = false;

/** Aborts on SIGTERM or SIGINT. A process that is not at work yet ends at once; a second signal ends any. */
export function stopSignal(log: Log): AbortSignal {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(1);
    log.info({ signal }, 'stopping');
    if (!ready) process.exit(0);
    stop.abort();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return stop.signal;
}

/** Tells a parent process that waits for it, if there is one, that this process is at work. */
export function announceReady(log: Log): void {
  ready = true;
  log.info('ready');
  process.send?.('ready');
}

/** Resolves after `ms`, or as soon as the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** What the work gives, or after `ms` what `late` does. */
export async function within<T>(ms: number, work: Promise<T>, late: () => T): Promise<T> {
  const { promise: isLate, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    return await Promise.race([work, isLate.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits that grow from 100 ms to 2 s, with jitter so that processes do not come back in step. */
export function backoff(attempt: number): number {
  return Math.min(100 * 2 ** attempt, 2_000) * (0.5 + Math.random() / 2);
}
