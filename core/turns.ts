export type Turns<K> = <T>(key: K, work: () => Promise<T>) => Promise<T>;

/** Works of one key come one after the other, in the order in which they are asked for; those of others do not wait. */
export function createTurns<K>(): Turns<K> {
  const last = new Map<K, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const done = (before ?? Promise.resolve()).then(work, work);
    last.set(key, done);
    try {
      return await done;
    } finally {
      if (last.get(key) === done) last.delete(key);
    }
  };
}
