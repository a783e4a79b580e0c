import type { DatabasePool } from 'slonik';
import { whenConnected } from './when-connected.ts';

/** The ways in which the api asks PostgreSQL. */
export type Queries = Pick<DatabasePool, 'any' | 'one' | 'maybeOne' | 'query'>;

/** PostgreSQL has not answered in time. It may still do what it was asked. */
export class QueryTimeout extends Error {
  constructor(ms: number) {
    super(`PostgreSQL has not answered within ${ms} ms`);
    this.name = 'QueryTimeout';
  }
}

/** Queries that fail after `ms`. PostgreSQL's own statement timeout does not help if it is stopped, or cannot be reached. */
export function withTimeout(pool: DatabasePool, ms: number): Queries {
  const inTime = <A extends unknown[], T>(ask: (...args: A) => Promise<T>) => {
    return (...args: A): Promise<T> =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new QueryTimeout(ms)), ms);
        whenConnected(() => ask(...args), ms)
          .then(resolve, reject)
          .finally(() => clearTimeout(timer));
      });
  };
  // Slonik's methods are generic in their rows, which a wrapper's type cannot say.
  return {
    any: inTime(pool.any.bind(pool)) as Queries['any'],
    one: inTime(pool.one.bind(pool)) as Queries['one'],
    maybeOne: inTime(pool.maybeOne.bind(pool)) as Queries['maybeOne'],
    query: inTime(pool.query.bind(pool)) as Queries['query'],
  };
}
