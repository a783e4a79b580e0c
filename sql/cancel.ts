import { AsyncLocalStorage } from 'node:async_hooks';
import { type DatabasePool, type Interceptor, sql } from 'slonik';
import { z } from 'zod';

/** A question to PostgreSQL, and the session that is at work for it, once there is one. */
type Question = { pid: number | null; canceling: Promise<unknown> | null };

const asking = new AsyncLocalStorage<Question>();
const pidRow = z.object({ pid: z.number() });
/** Sessions by Slonik's names for them. It names new ones anew, so that old names are dropped some day. */
const pids = new Map<string, number>();
const mostPids = 1_000;

/**
 * For every pool: Slonik keeps the driver's client to itself, so that each session is asked once for its number. One that
 * is being canceled is not used again before that is done, or the cancel could meet another question.
 */
export const noteSessions: Interceptor = {
  name: 'noteSessions',
  afterPoolConnection: async ({ connectionId }, connection) => {
    const question = asking.getStore();
    if (!question) return null;
    let pid = pids.get(connectionId);
    if (pid === undefined) {
      ({ pid } = await connection.one(sql.type(pidRow)`select pg_backend_pid() as pid`));
      if (pids.size === mostPids) pids.clear();
      pids.set(connectionId, pid);
    }
    question.pid = pid;
    return null;
  },
  beforePoolConnectionRelease: async () => {
    const question = asking.getStore();
    if (question) {
      question.pid = null;
      await question.canceling;
    }
    return null;
  },
};

export type Cancelable<T> = {
  readonly answer: Promise<T>;
  /** Has PostgreSQL drop the question, if it is at work on it. Never throws. */
  readonly cancel: () => void;
};

/** Asks a pool in a way that can be called off, by another pool: this one may have no connection to spare. */
export function askCancelably<T>(ask: () => Promise<T>, others: Pick<DatabasePool, 'query'>): Cancelable<T> {
  const question: Question = { pid: null, canceling: null };
  return {
    answer: asking.run(question, ask),
    cancel: () => {
      if (question.pid === null || question.canceling) return;
      question.canceling = others
        .query(sql.unsafe`select pg_cancel_backend(${question.pid})`)
        .catch(() => {});
    },
  };
}
