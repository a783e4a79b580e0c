import type { DatabasePool } from 'slonik';
import { askCancelably } from './cancel.ts';
import { whenConnected } from './when-connected.ts';
import { type Queries, QueryTimeout } from './with-timeout.ts';

/** Somebody has asked so much that is not answered that no more is taken. */
export class TooManyQueries extends Error {
  override name = 'TooManyQueries';
}

/** Questions for a trader, or for the public, who share the connections with all others. */
export type SharedReads = (owner: number | 'public') => Queries;

export type Sharing = {
  readonly pool: DatabasePool;
  /** Where the cancels of questions are asked. */
  readonly others: DatabasePool;
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
  const { pool, others, timeoutMs, most = 6, mostPublic = 4, mostOfOne = 2, mostWaiting = 250 } = sharing;
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
  const run = <T>(name: number | 'public', ask: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const owner = join(name);
      if (owner.waiting.length >= mostWaiting) {
        reject(new TooManyQueries(`${mostWaiting} questions wait already`));
        return;
      }
      let cancel: (() => void) | null = null;
      const timer = setTimeout(() => {
        const at = owner.waiting.indexOf(job);
        if (at !== -1) owner.waiting.splice(at, 1);
        if (owner.underWay === 0 && owner.waiting.length === 0) owners.delete(name);
        cancel?.();
        reject(new QueryTimeout(timeoutMs));
      }, timeoutMs);
      const job: Job = {
        start: () => {
          underWay++;
          owner.underWay++;
          const question = askCancelably(ask, others);
          cancel = question.cancel;
          question.answer.then(resolve, reject).finally(() => {
            clearTimeout(timer);
            leave(name, owner);
          });
        },
      };
      owner.waiting.push(job);
      startNext();
    });
  // Slonik's methods are generic in their rows, which a wrapper's type cannot say.
  const wrap = (name: number | 'public', method: 'any' | 'one' | 'maybeOne' | 'query') =>
    ((query: never) =>
      run<unknown>(name, () => whenConnected(() => pool[method](query), timeoutMs))) as never;
  return (name) => ({
    any: wrap(name, 'any'),
    one: wrap(name, 'one'),
    maybeOne: wrap(name, 'maybeOne'),
    query: wrap(name, 'query'),
  });
}
