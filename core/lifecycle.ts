import type { Log } from './log.ts';

let ready = false;

/** What the end of a process may take beyond its grace: closing connections that may be dead. */
const closingMs = 500;

/**
 * Aborts on SIGTERM or SIGINT. A process that is not at work yet ends at once; a second signal ends any. So does the end of
 * `graceMs`, if given, whatever the process waits for: what is durable is durable, and the rest goes on after the next start.
 */
export function stopSignal(log: Log, graceMs = Number.POSITIVE_INFINITY): AbortSignal {
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(1);
    log.info({ signal }, 'stopping');
    if (!ready) process.exit(0);
    stop.abort();
    if (graceMs === Number.POSITIVE_INFINITY) return;
    setTimeout(() => {
      log.error({ graceMs }, 'ending with work left, since SHUTDOWN_GRACE_MS is over');
      process.exit(1);
    }, graceMs + closingMs).unref();
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
