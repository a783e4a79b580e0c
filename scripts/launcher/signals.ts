// When to stop, and when to hurry.

import { onStopWish } from '../console/signals.ts';

export type StopHandlers = {
  stop(): Promise<void>;
  /** A further signal while stopping. */
  hurry(): void;
  /** npm started us: when it is gone without having forwarded a signal, we stop as well. */
  watchNpm: boolean;
};

const npmCheckMs = 1_000;

function endBadly(error: unknown): never {
  console.error('Stopping failed:', error);
  process.exit(1);
}

export function listenForStop({ stop, hurry, watchNpm }: StopHandlers): void {
  let isStopping = false;
  const onWish = (wish: number): void => {
    if (wish > 2) process.exit(1);
    if (isStopping) hurry();
    else stop().catch(endBadly);
    isStopping = true;
  };
  onStopWish(onWish);
  // The console may be closed before us.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  if (!watchNpm) return;
  const npm = process.ppid;
  const check = (): void => {
    if (process.ppid !== npm && !isStopping) onWish(1);
  };
  setInterval(check, npmCheckMs).unref();
}
