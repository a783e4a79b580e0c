import { InvalidInputError } from 'slonik';
import type { Batch } from './batch.ts';

/** Rows that PostgreSQL should have cannot be had any more, or Redis has less than PostgreSQL: a person must decide. */
export class LostReportsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LostReportsError';
  }
}

/** Redis lacks commands that PostgreSQL has, or that this writer has read: it would give their sequences again. */
export class BehindError extends LostReportsError {
  constructor(shard: string, known: number, sequence: string | null) {
    super(
      `shard ${shard} has been at ${known}, but Redis has its commands up to ${sequence ?? 'nothing'} only: it lost data`,
    );
    this.name = 'BehindError';
  }
}

/** PostgreSQL refuses one report for its content. It stands in `{shard}:dead`, and nothing after it can be written. */
export class PoisonError extends Error {
  constructor(sequence: number, cause: unknown) {
    super(`PostgreSQL refuses the report of sequence ${sequence}: ${String(cause)}`, { cause });
    this.name = 'PoisonError';
  }
}

/** The checkpoint is not where this writer left it: another writer is at work, and this transaction must not count. */
export class CheckpointMovedError extends Error {
  constructor(shard: string, expected: number) {
    super(`the checkpoint of shard ${shard} is not at ${expected}`);
    this.name = 'CheckpointMovedError';
  }
}

/** Reports are in the stream that this reader was not given: another one took them, or the answer with them was lost. */
export class TakenError extends Error {
  constructor(sequence: number) {
    super(`what follows sequence ${sequence} was given to another reader`);
    this.name = 'TakenError';
  }
}

type Sequences = Pick<Batch, 'first' | 'last'>;

/** A commit failed; `batch` is what it held, `cause` why. */
export class CommitError extends Error {
  readonly batch: Sequences;
  constructor(batch: Sequences, cause: unknown) {
    super(`sequences ${batch.first} to ${batch.last} were not written: ${String(cause)}`, { cause });
    this.name = 'CommitError';
    this.batch = batch;
  }

  /** The data does not fit (SQLSTATE classes 22 and 23; Slonik hides the code of some). All else may pass. */
  get isRefusal(): boolean {
    if (this.cause instanceof InvalidInputError) return true;
    const { cause, code = cause?.code } = this.cause as { code?: unknown; cause?: { code?: unknown } };
    return typeof code === 'string' && /^2[23]/.test(code);
  }
}
