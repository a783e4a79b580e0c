type Question<K, V> = {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
};

/** Look-ups at a time. What is asked meanwhile waits for the next, so that no rush of questions takes every connection. */
const mostAtOnce = 2;

/**
 * Gathers what is asked within one turn of the event loop into one look-up, which costs PostgreSQL little more than
 * the look-up of a single key. `load` answers in the order of its keys.
 */
export function batched<K, V>(load: (keys: readonly K[]) => Promise<readonly V[]>): (key: K) => Promise<V> {
  let waiting: Question<K, V>[] = [];
  let underWay = 0;
  const flush = async (): Promise<void> => {
    if (underWay === mostAtOnce || waiting.length === 0) return;
    const questions = waiting;
    waiting = [];
    underWay++;
    try {
      const values = await load(questions.map(({ key }) => key));
      for (const [i, { resolve }] of questions.entries()) resolve(values[i]!);
    } catch (error) {
      for (const { reject } of questions) reject(error);
    } finally {
      underWay--;
      if (waiting.length > 0) void flush();
    }
  };
  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ key, resolve, reject });
    });
}
