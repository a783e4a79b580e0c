// Signals as wishes of a person that something stops.

/** Ctrl-C under npm comes twice, from the terminal and from npm: one wish, not two. */
const echoMs = 700;

/** Tells each wish, the first as 1. Returns how to listen no more. */
export function onStopWish(take: (wish: number) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let [wishes, lastAt] = [0, Number.NEGATIVE_INFINITY];
  const hear = (): void => {
    const now = performance.now();
    if (now - lastAt < echoMs) return;
    lastAt = now;
    take(++wishes);
  };
  for (const signal of signals) process.on(signal, hear);
  return () => {
    for (const signal of signals) process.off(signal, hear);
  };
}

/** Aborts at the first wish; the second one ends the process. */
export function untilSignal(): AbortSignal {
  const stopping = new AbortController();
  onStopWish((wish) => (wish === 1 ? stopping.abort() : process.exit(1)));
  return stopping.signal;
}
