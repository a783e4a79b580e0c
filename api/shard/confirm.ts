import type { Redis } from 'ioredis';
import { fencedSequence } from '../../core/fence.ts';
import type { Known } from '../../core/known.ts';
import type { Taken } from '../../matcher/client.ts';
import { UnconfirmedError } from './errors.ts';
import type { Submitted } from './submitted.ts';

/** Resolves once a sequence that is not matched yet will survive the loss of the primary. Throws `UnconfirmedError`. */
export type Confirm = (taken: Taken) => Promise<void>;

export type ConfirmParts = {
  /** A connection of its own, since WAIT holds up all that comes behind it; null if there need be no replicas. */
  readonly redis: Redis | null;
  readonly shard: string;
  readonly replicas: number;
  readonly known: Known;
  readonly submitted: Submitted;
};

export function createConfirm({ redis, shard, replicas, known, submitted }: ConfirmParts): Confirm {
  let confirmed = 0;
  let next: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();
  const ask = async (connection: Redis): Promise<void> => {
    await last.catch(() => {});
    next = null; // whoever comes now was submitted too late for this question
    confirmed = Math.max(confirmed, await fencedSequence(connection, shard, replicas));
    known.reaches(confirmed);
  };
  return async (taken) => {
    if (!redis) return;
    const { sequence } = taken;
    if (sequence > confirmed) next ??= last = ask(redis);
    try {
      await next;
      await submitted.assertTaken(redis, taken);
    } catch (error) {
      throw new UnconfirmedError(`sequence ${sequence}: ${(error as Error).message}`, { cause: error });
    }
  };
}
