import type { Redis } from 'ioredis';
import type { Report } from '../../core/wire/reports.ts';
import type { Submit, Taken } from '../../matcher/client.ts';
import type { BookTexts } from '../market-data/book-texts.ts';
import type { MarketData } from '../market-data/market-data.ts';
import type { OpenOrderLimit } from '../orders/open-order-limit.ts';
import type { OwnedOid } from '../orders/queries/client-oids.ts';
import type { Confirm } from './confirm.ts';
import type { Reports } from './reports.ts';

/**
 * What the api can do with one shard: put commands in, learn their verdicts, and know what PostgreSQL shows of it.
 * What cannot be answered now throws an `UnavailableError` (`errors.ts`) within `readTimeoutMs`, at once if Redis is away.
 */
export type Shard = {
  readonly name: string;
  /** Throws if no command would be taken, since Redis refuses writes. */
  readonly takesWrites: () => Promise<void>;
  readonly submit: Submit;
  /**
   * What became of a command. Null if the matcher has not said within `waitTimeoutMs`; at once null if it said so long
   * ago that its report is not kept: then PostgreSQL shows it after `persistedThrough(sequence)`. Throws only
   * `ShardStoppedError`, or `UnconfirmedError` if replicas do not have the command, or another one has its sequence.
   */
  readonly verdict: (taken: Taken) => Promise<Report | null>;
  /** Before somebody is told that a command was taken, whose verdict is not there yet. */
  readonly confirm: Confirm;
  /** How many verdicts are waited for. */
  readonly awaitedVerdicts: () => number;
  /** Resolves once PostgreSQL shows every sequence up to this one. Throws `LagError` after the configured time. */
  readonly persistedThrough: (sequence: number) => Promise<void>;
  /** A sequence up to which PostgreSQL shows everything, by what its writer said last. */
  readonly persistedNow: () => number;
  /** Resolves once PostgreSQL shows all that the trader was ever given a sequence for, by whichever api process; to the last of them. */
  readonly writesOf: (traderId: number) => Promise<number>;
  /** Resolves once the market data have all that the trader was ever given a sequence for, by whichever api process. */
  readonly matchedOf: (traderId: number) => Promise<void>;
  /** Resolves once PostgreSQL shows all that was matched before this call, to the last sequence of that. */
  readonly everythingMatched: () => Promise<number>;
  /** The sequence that a client order id was given, as far as Redis still remembers. */
  readonly sequenceOfOid: (traderId: number, clientOid: string) => Promise<number | null>;
  /**
   * Marks client order ids that are free here as taken by another shard's orders, and says what stands there then: the mark, or what
   * stood there before, which is a sequence or another shard's mark.
   */
  readonly markOids: (oids: readonly OwnedOid[], mark: number) => Promise<number[]>;
  readonly openOrderLimit: OpenOrderLimit;
  /** To look at the shard's keys. It fails at once while Redis is away: `connectOnce`. */
  readonly redis: Redis;
  readonly marketData: MarketData;
  /** What the matcher says, as it says it. */
  readonly reports: Reports;
  readonly bookTexts: BookTexts;
  readonly close: () => Promise<void>;
};
