import { batched } from '../../core/batched.ts';
import { within } from '../../core/lifecycle.ts';
import { isPostgresAway } from '../../sql/postgres-away.ts';
import { QueryTimeout } from '../../sql/with-timeout.ts';
import type { Changes } from './changes.ts';

/** How long an answer is good while changes are heard, and while they are not. */
const freshMs = 10_000;
const unheardMs = 1_000;
/** How long one that is known waits for a database that hangs. */
const patienceMs = 1_000;
const mostKept = 10_000;

function tooLate(): never {
  throw new QueryTimeout(patienceMs);
}

type Kept<T> = { readonly value: T; readonly name: string; askedAt: number; isKeptWhileAway: boolean };

type Options<K, T> = {
  /** Answers in the order asked; null for what there is not. */
  readonly load: (keys: readonly K[]) => Promise<readonly (T | null)[]>;
  /** By what a change names it. */
  readonly nameOf: (key: K, value: T) => string;
  readonly kind: 'token' | 'key';
  readonly changes: Pick<Changes, 'isHearing' | 'follow'>;
};

/**
 * Looks credentials up, and keeps what it finds until it changes: a change is heard within a second, or looked for every
 * second while changes are not heard. While the database is away what is known goes on being good.
 */
export function keepCredentials<K extends string, T>(options: Options<K, T>): (key: K) => Promise<T | null> {
  const { load, nameOf, kind, changes } = options;
  const find = batched(load);
  const kept = new Map<K, Kept<T>>();
  const keys = new Map<string, K>();
  let heard = 0;
  const forget = (key: K): void => {
    const known = kept.get(key);
    if (!known) return;
    kept.delete(key);
    keys.delete(known.name);
  };
  changes.follow(
    (change) => {
      if (change.kind !== kind) return;
      heard++;
      const key = keys.get(change.name);
      if (key !== undefined) forget(key);
    },
    () => {
      heard++;
      for (const known of kept.values()) known.askedAt = Number.NEGATIVE_INFINITY;
    },
  );
  const keep = (key: K, value: T, isKeptWhileAway = false): T => {
    forget(key);
    if (kept.size >= mostKept) forget(kept.keys().next().value!);
    const name = nameOf(key, value);
    kept.set(key, { value, name, askedAt: Date.now(), isKeptWhileAway });
    keys.set(name, key);
    return value;
  };
  const isGood = ({ askedAt, isKeptWhileAway }: Kept<T>): boolean =>
    Date.now() - askedAt < (isKeptWhileAway || changes.isHearing() ? freshMs : unheardMs);
  const ask = async (key: K, known: Kept<T> | undefined): Promise<T | null> => {
    const before = heard;
    try {
      const value = await (known ? within(patienceMs, find(key), tooLate) : find(key));
      forget(key);
      // What changed while it was looked up may be what was looked up.
      return value !== null && before === heard ? keep(key, value) : value;
    } catch (error) {
      if (!known || before !== heard || !isPostgresAway(error)) throw error;
      return keep(key, known.value, true);
    }
  };
  return async (key) => {
    const known = kept.get(key);
    return known && isGood(known) ? known.value : ask(key, known);
  };
}
