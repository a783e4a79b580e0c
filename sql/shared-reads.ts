import type { CommonQueryMethods, DatabasePool } from 'slonik';
import { askCancelably } from './cancel.ts';
import type { Reached, ReadReplica } from './read-replica.ts';
import { whenConnected } from './when-connected.ts';
import { type Queries, QueryTimeout } from './with-timeout.ts';

/** Somebody has asked so much that is not answered that no more is taken. */
export class TooManyQueries extends Error {
  override name = 'TooManyQueries';
}

/**
 * Questions for a trader, or for the public, who share the connections with all others. Who says which sequences the answers must
 * show may be answered by a replica; those of one list belong to one owner's `Queries`, so that a later one shows no less.
 */
export type SharedReads = (owner: number | 'public', reached?: Reached) => Queries;

export type Sharing = {
  readonly pool: DatabasePool;
  /** Where the cancels of questions are asked. */
  readonly others: DatabasePool;
  readonly replica?: ReadReplica | null;
  /** How long a question may take, with its wait. */
  readonly timeoutMs: number;
  /** Most questions at a time of all, of the public and of a trader. */
  readonly most?: number;
  readonly mostPublic?: number;
  readonly mostOfOne?: number;
  /** Most that wait, of the public or a trader. */
  readonly mostWaiting?: number;
};

type Job = { readonly start: () => void };
type Owner = { underWay: number; readonly waiting: Job[] };

/**
 * Lets nobody have more than a few questions under way, takes turns between those who wait, and has PostgreSQL drop what
 * was given up, so that it is not worked on for nobody.
 */
export function shareReads(sharing: Sharing): SharedReads {
  const { pool, replica = null, timeoutMs } = sharing;
  const run = createRuns(sharing);
  return (name, reached) => {
    const there = replica && reached ? pinned(replica, reached) : null;
    // Slonik's methods are generic in their rows, which a wrapper's type cannot say.
    const wrap = (method: 'any' | 'one' | 'maybeOne' | 'query') =>
      ((query: never) =>
        run<unknown>(name, {
          ask: () => whenConnected(() => pool[method](query), timeoutMs),
          ...(there && { askReplica: () => there((connection) => connection[method](query)) }),
        })) as never;
    return { any: wrap('any'), one: wrap('one'), maybeOne: wrap('maybeOne'), query: wrap('query') };
  };
}

type Ways<T> = {
  readonly ask: () => Promise<T>;
  /** Asked first; null if it has no answer. */
  readonly askReplica?: () => Promise<{ readonly answer: T } | null>;
};

type Run = <T>(owner: number | 'public', ways: Ways<T>) => Promise<T>;

type Question = { isGivenUp: boolean; cancel: (() => void) | null };

async function answer<T>({ ask, askReplica }: Ways<T>, others: DatabasePool, question: Question): Promise<T> {
  const shown = await askReplica?.();
  if (shown) return shown.answer;
  if (question.isGivenUp) throw new QueryTimeout(0);
  const asked = askCancelably(ask, others);
  question.cancel = asked.cancel;
  return asked.answer;
}

function createRuns(sharing: Sharing): Run {
  const { others, timeoutMs, most = 6, mostPublic = 4, mostOfOne = 2, mostWaiting = 250 } = sharing;
  const mostOf = (owner: number | 'public'): number => (owner === 'public' ? mostPublic : mostOfOne);
  /** Those who have something under way or waiting. Whose turn was last comes last. */
  const owners = new Map<number | 'public', Owner>();
  let underWay = 0;

  const startNext = (): void => {
    for (const [name, owner] of owners) {
      if (underWay >= most) return;
      if (owner.waiting.length === 0 || owner.underWay >= mostOf(name)) continue;
      // Behind all others, where the loop comes to it again.
      owners.delete(name);
      owners.set(name, owner);
      owner.waiting.shift()!.start();
    }
  };
  const join = (name: number | 'public'): Owner => {
    const owner = owners.get(name) ?? { underWay: 0, waiting: [] };
    owners.set(name, owner);
    return owner;
  };
  const leave = (name: number | 'public', owner: Owner): void => {
    underWay--;
    owner.underWay--;
    if (owner.underWay === 0 && owner.waiting.length === 0) owners.delete(name);
    startNext();
  };
  return (name, ways) =>
    new Promise((resolve, reject) => {
      const owner = join(name);
      if (owner.waiting.length >= mostWaiting) {
        reject(new TooManyQueries(`${mostWaiting} questions wait already`));
        return;
      }
      const question: Question = { isGivenUp: false, cancel: null };
      const timer = setTimeout(() => {
        question.isGivenUp = true;
        const at = owner.waiting.indexOf(job);
        if (at !== -1) owner.waiting.splice(at, 1);
        if (owner.underWay === 0 && owner.waiting.length === 0) owners.delete(name);
        question.cancel?.();
        reject(new QueryTimeout(timeoutMs));
      }, timeoutMs);
      const job: Job = {
        start: () => {
          underWay++;
          owner.underWay++;
          answer(ways, others, question)
            .then(resolve, reject)
            .finally(() => {
              clearTimeout(timer);
              leave(name, owner);
            });
        },
      };
      owner.waiting.push(job);
      startNext();
    });
}

/**
 * Of several replicas behind one address, each is at a place of its own: the next question needs what the last answer showed. Once
 * the primary has answered, only the primary is asked.
 */
function pinned(replica: ReadReplica, reached: Reached) {
  let needed: Reached | null = reached;
  return async <T>(question: (connection: CommonQueryMethods) => Promise<T>) => {
    const shown = needed && (await replica.ask(needed, question));
    needed = (needed && shown?.reached) ?? null;
    return shown;
  };
}
