import { type CommonQueryMethods, type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { sleep, within } from '../core/lifecycle.ts';
import type { Log } from '../core/log.ts';
import { openPool } from './pool.ts';
import { isPostgresAway, isPostgresSlow } from './postgres-away.ts';
import { assertSessions } from './session-check.ts';
import { QueryTimeout } from './with-timeout.ts';

/** By shard the sequence up to which everything is to be seen. */
export type Reached = ReadonlyMap<string, number>;

/**
 * What became of a question: `answered` by the replica; the replica lacked what had to be seen (`behind`), took too long over this question
 * (`slow`), had as many as it may be asked at a time (`busy`), or `failed`; or it was not asked, since it failed before (`resting`).
 */
export type ReplicaOutcome = 'answered' | 'behind' | 'slow' | 'busy' | 'failed' | 'resting';

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
/** Most questions at a time, those among them that nobody waits for any more. Others would wait for a connection, and blame the replica. */
const poolSize = 6;

/** A replica is some milliseconds behind, as a rule. One that was further behind within a second is not waited for. */
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
 * transaction around them. One whose connection fails, or that does not answer the look, rests for a moment, and is then tried by one
 * question at a time until it answers. A question that takes long says nothing of the replica: the look before it was answered.
 */
export function createReadReplica(parts: ReplicaParts): ReadReplica {
  const { onOutcome } = parts;
  const rest = createRest(parts.log);
  const { ask, close } = createAsking(parts, rest.end);
  let held = 0;
  const without = (outcome: ReplicaOutcome): null => {
    onOutcome(outcome);
    return null;
  };
  const askInTime = async <T>(needed: Reached, question: Question<T>): Promise<Shown<T> | null> => {
    const progress: Progress = { isLookedAt: false };
    held++;
    const asked = ask(needed, question, progress).finally(() => {
      held--;
    });
    try {
      const shown = await within(patienceMs, asked, () => {
        throw new QueryTimeout(patienceMs);
      });
      onOutcome(shown ? 'answered' : 'behind');
      return shown;
    } catch (error) {
      if (progress.isLookedAt && isPostgresSlow(error)) return without('slow');
      if (!(error instanceof QuestionError)) rest.begin(error);
      return without('failed');
    }
  };
  return {
    ask: async (needed, question) => {
      const turn = rest.turn();
      if (!turn) return without('resting');
      try {
        return held >= poolSize ? without('busy') : await askInTime(needed, question);
      } finally {
        turn.over();
      }
    },
    close,
  };
}

/** While the replica rests nobody has a turn, and afterwards one at a time until it answers. */
function createRest(log: Log) {
  let until: number | null = null;
  let reason: string | null = null;
  let isTried = false;
  return {
    begin: (error: unknown): void => {
      // What is wrong may only show once somebody listens at all.
      if (String(error) !== reason)
        log.warn({ error: String(error) }, 'the read replica does not answer; the primary is asked');
      reason = String(error);
      until = performance.now() + restMs;
    },
    end: (): void => {
      if (until !== null) log.info('the read replica answers again');
      until = reason = null;
    },
    turn: (): { readonly over: () => void } | null => {
      if (until === null) return { over: () => {} };
      if (isTried || performance.now() < until) return null;
      isTried = true;
      return {
        over: () => {
          isTried = false;
        },
      };
    },
  };
}

/** Whether the replica has said how far it is. */
type Progress = { isLookedAt: boolean };

function createAsking(parts: ReplicaParts, onSound: () => void) {
  let opened: Promise<Opened> | null = null;
  let behindAt = Number.NEGATIVE_INFINITY;
  return {
    ask: async <T>(needed: Reached, question: Question<T>, progress: Progress): Promise<Shown<T> | null> => {
      opened ??= open(parts).catch((error) => {
        opened = null;
        throw error;
      });
      const { pool, system } = await opened;
      return pool.connect(async (connection) => {
        const pausesMs = performance.now() - behindAt < restMs ? [] : catchUpPausesMs;
        const reached = await reachedBy(connection, { needed, system, pausesMs });
        progress.isLookedAt = true;
        onSound();
        if (!reached) behindAt = performance.now();
        return reached && { answer: await question(connection).catch(blameQuestion), reached };
      });
    },
    close: async (): Promise<void> => {
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

type Look = { readonly needed: Reached; readonly system: string; readonly pausesMs: readonly number[] };

/** What the replica shows once it shows what is needed; null if it does not in a moment. */
async function reachedBy(
  connection: CommonQueryMethods,
  { needed, system, pausesMs }: Look,
): Promise<Reached | null> {
  for (const pauseMs of [...pausesMs, null]) {
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
