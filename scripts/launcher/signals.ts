// When to stop, and when to hurry.

export type StopHandlers = {
  stop(): Promise<void>;
  /** A further signal while stopping. */
  hurry(): void;
  /** npm started us: when it is gone without having forwarded a signal, we stop as well. */
  watchNpm: boolean;
};

/** Ctrl-C under npm comes twice, from the terminal and from npm: one wish, not two. */
const echoMs = 700;
const npmCheckMs = 1_000;

function endBadly(error: unknown): never {
  console.error('Stopping failed:', error);
  process.exit(1);
}

export function listenForStop({ stop, hurry, watchNpm }: StopHandlers): void {
  let wishes = 0;
  let lastAt = 0;
  const onSignal = (): void => {
    const now = Date.now();
    if (now - lastAt < echoMs) return;
    lastAt = now;
    wishes++;
    if (wishes === 1) stop().catch(endBadly);
    else if (wishes === 2) hurry();
    else process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // The console may be closed before us.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  if (!watchNpm) return;
  const npm = process.ppid;
  const check = (): void => {
    if (process.ppid !== npm && wishes === 0) onSignal();
  };
  setInterval(check, npmCheckMs).unref();
}
