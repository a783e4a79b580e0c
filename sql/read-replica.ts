import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { sleep } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import { openPool } from './pool.ts';
import { isPostgresAway } from './postgres-away.ts';
import { assertSessions } from './session-check.ts';
import { QueryTimeout } from './with-timeout.ts';

/** By shard the sequence up to which everything is to be seen. */
export type Reached = ReadonlyMap<string, number>;

/** A question was answered by the replica; the replica lacked what had to be seen; it failed; or it was not asked, since it failed before. */
export type ReplicaOutcome = 'answered' | 'behind' | 'failed' | 'resting';

export type ReadReplica = {
  /** What the replica answers, and what it had reached by then; null if somebody else is to be asked. Never throws. */
  readonly ask: <T>(needed: Reached, question: Question<T>) => Promise<Shown<T> | null>;
  readonly close: () => Promise<void>;
};

type Question<T> = (connection: CommonQueryMethods) => Promise<T>;
type Shown<T> = { readonly answer: T; readonly reached: Reached };

export type ReplicaParts = {
  /** Of the replica. It may be away, and is opened by the first question. */
  readonly url: string;
  /** What the replica is one of. */
  readonly primary: Pick<DatabasePool, 'one'>;
  readonly log: Log;
  readonly onOutcome: (outcome: ReplicaOutcome) => void;
};

/** The replica refuses this question: the primary will say why, or answer it. */
class QuestionError extends Error {}

function blameQuestion(error: unknown): never {
  throw isPostgresAway(error) ? error : new QuestionError('', { cause: error });
}

/** What is behind the address is not what it has to be. */
class WrongReplicaError extends Error {
  override name = 'WrongReplicaError';
}

/** How long a question may take there, before the primary is asked; and how long a replica rests that failed. */
const patienceMs = 1_000;
const restMs = 1_000;
const poolSize = 6;

/** A replica is some milliseconds behind, as a rule. */
const catchUpPausesMs = [5, 10, 20];

const stateRow = z.object({
  isReplica: z.boolean(),
  system: z.string(),
  reached: z.record(z.string(), z.number()),
});
const systemRow = z.object({ system: z.string() });
const systemQuery = sql.type(systemRow)`
  select system_identifier::text as system from pg_control_system()`;

/**
 * A replica that follows the primary answers what it can: a question comes with the sequences that it must show, and is asked there only
 * once they are there. A server that replays goes forward alone, so that the look before and the question after it need no
 * transaction around them. One that fails rests for a moment, and is then tried by one question at a time until it answers.
 */
export function createReadReplica(parts: ReplicaParts): ReadReplica {
  const { url, primary, log, onOutcome } = parts;
  let pool: Promise<DatabasePool> | null = null;
  let system: Promise<{ system: string }> | null = null;
  let restUntil: number | null = null;
  let isTried = false;

  const opened = (): Promise<DatabasePool> => {
    pool ??= open(url, log).catch((error) => {
      pool = null;
      throw error;
    });
    return pool;
  };
  const systemOfPrimary = (): Promise<{ system: string }> => {
    system ??= primary.one(systemQuery).catch((error) => {
      system = null;
      throw error;
    });
    return system;
  };
  const askNow = async <T>(needed: Reached, question: Question<T>): Promise<Shown<T> | null> => {
    const [replica, own] = await Promise.all([opened(), systemOfPrimary()]);
    return replica.connect(async (connection) => {
      const reached = await reachedBy(connection, needed, own.system);
      return reached && { answer: await question(connection).catch(blameQuestion), reached };
    });
  };
  const failed = (error: unknown): void => {
    onOutcome('failed');
    if (error instanceof QuestionError) return;
    if (restUntil === null)
      log.warn({ error: String(error) }, 'the read replica does not answer; the primary is asked');
    restUntil = performance.now() + restMs;
  };
  const answered = (): void => {
    if (restUntil !== null) log.info('the read replica answers again');
    restUntil = null;
  };
  return {
    ask: async (needed, question) => {
      const isTrial = restUntil !== null;
      if (isTrial && (isTried || performance.now() < restUntil!)) {
        onOutcome('resting');
        return null;
      }
      isTried = isTrial;
      try {
        const shown = await inTime(askNow(needed, question), patienceMs);
        answered();
        onOutcome(shown ? 'answered' : 'behind');
        return shown;
      } catch (error) {
        failed(error);
        return null;
      } finally {
        if (isTrial) isTried = false;
      }
    },
    close: async () => {
      const left = await pool?.catch(() => null);
      await left?.end();
    },
  };
}

async function open(url: string, log: Log): Promise<DatabasePool> {
  await assertSessions(url);
  return openPool(url, log, { statementTimeout: patienceMs, maxPoolSize: poolSize });
}

/** What the replica shows once it shows what is needed; null if it does not in a moment. */
async function reachedBy(
  connection: CommonQueryMethods,
  needed: Reached,
  system: string,
): Promise<Reached | null> {
  for (const pauseMs of [...catchUpPausesMs, null]) {
    const state = await connection.one(sql.type(stateRow)`
      select pg_is_in_recovery() as "isReplica",
             (select system_identifier::text from pg_control_system()) as system,
             (select coalesce(json_object_agg(shard, sequence), '{}') from checkpoints) as reached`);
    if (state.system !== system) throw new WrongReplicaError('DATABASE_READ_URL leads to another database');
    if (!state.isReplica)
      throw new WrongReplicaError('DATABASE_READ_URL leads to no replica, or to one that was promoted');
    const reached = new Map(Object.entries(state.reached));
    if ([...needed].every(([shard, sequence]) => (reached.get(shard) ?? 0) >= sequence)) return reached;
    if (pauseMs !== null) await sleep(pauseMs);
  }
  return null;
}

function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new QueryTimeout(ms)), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
