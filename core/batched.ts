type Question<K, V> = {
  readonly key: K;
  readonly resolve: (value: V) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Gathers what is asked within one turn of the event loop into one look-up, which costs PostgreSQL little more than
 * the look-up of a single key. `load` answers in the order of its keys.
 */
export function batched<K, V>(load: (keys: readonly K[]) => Promise<readonly V[]>): (key: K) => Promise<V> {
  let waiting: Question<K, V>[] = [];
  const flush = async (): Promise<void> => {
    const questions = waiting;
    waiting = [];
    try {
      const values = await load(questions.map(({ key }) => key));
      for (const [i, { resolve }] of questions.entries()) resolve(values[i]!);
    } catch (error) {
      for (const { reject } of questions) reject(error);
    }
  };
  return (key) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ key, resolve, reject });
    });
}
