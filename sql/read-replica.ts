import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { sleep, within } from '../core/lifecycle.ts';
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

/** The pool, and the system identifier that a replica shares with its primary. */
type Opened = { readonly pool: DatabasePool; readonly system: string };

/**
 * A replica that follows the primary answers what it can: a question comes with the sequences that it must show, and is asked there only
 * once they are there. A server that replays only goes forward, so that the look before and the question after it need no
 * transaction around them. One that fails rests for a moment, and is then tried by one question at a time until it answers.
 */
export function createReadReplica(parts: ReplicaParts): ReadReplica {
  const { log, onOutcome } = parts;
  let opened: Promise<Opened> | null = null;
  let restUntil: number | null = null;
  let isTried = false;

  const askNow = async <T>(needed: Reached, question: Question<T>): Promise<Shown<T> | null> => {
    opened ??= open(parts).catch((error) => {
      opened = null;
      throw error;
    });
    const { pool, system } = await opened;
    return pool.connect(async (connection) => {
      const reached = await reachedBy(connection, needed, system);
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
        const shown = await within(patienceMs, askNow(needed, question), () => {
          throw new QueryTimeout(patienceMs);
        });
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
      const left = await opened?.catch(() => null);
      await left?.pool.end();
    },
  };
}

async function open({ url, primary, log }: ReplicaParts): Promise<Opened> {
  await assertSessions(url);
  const { system } = await primary.one(sql.type(systemRow)`
    select system_identifier::text as system from pg_control_system()`);
  return { pool: await openPool(url, log, { statementTimeout: patienceMs, maxPoolSize: poolSize }), system };
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
    if (state.system !== system) throw new Error('DATABASE_READ_URL leads to another database');
    if (!state.isReplica)
      throw new Error('DATABASE_READ_URL leads to no replica, or to one that was promoted');
    const reached = new Map(Object.entries(state.reached));
    if ([...needed].every(([shard, sequence]) => (reached.get(shard) ?? 0) >= sequence)) return reached;
    if (pauseMs !== null) await sleep(pauseMs);
  }
  return null;
}
