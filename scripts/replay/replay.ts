// A replay from an empty namespace to its hashes, its books, or the story of an order.

import type { DatabasePool } from 'slonik';
import { createLog } from '../../core/log.ts';
import { openPool } from '../../sql/pool.ts';
import type { Environment } from '../servers/environment.ts';
import { type Book, hashBooks, readBooks } from './books.ts';
import { type Explanation, explain } from './explain.ts';
import { type Namespace, withNamespace } from './namespace.ts';
import { createPlayer, type Player } from './player.ts';
import { recordedRange } from './recorded.ts';
import { loadUnits, type UnitsOf } from './units.ts';

export type ReplayOptions = {
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
  readonly environment: Environment;
  readonly shard: string;
  readonly until: number | null;
  readonly explain: number | null;
  readonly depth: number;
  readonly resume: boolean;
  readonly pageSize: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
};

/** Where a replay is, and where it goes. */
export type Progress = (place: { first: number; at: number; last: number; trades: number }) => void;

export type Replayed = {
  readonly shard: string;
  readonly first: number;
  readonly last: number;
  /** Commands played this time; fewer than there are if a replay was resumed. */
  readonly played: number;
  readonly trades: number;
  readonly tradesSha256: string;
  readonly resting: number;
  readonly booksSha256: string;
  /** With `until`. */
  readonly books: readonly Book[] | null;
  /** With `explain`. */
  readonly explanation: Explanation | null;
  readonly unitsOf: UnitsOf;
};

export async function replay(options: ReplayOptions): Promise<Replayed> {
  const log = createLog('replay', 'silent');
  const pool = await openPool(options.databaseUrl, log, { maxPoolSize: 2, statementTimeout: 600_000 });
  try {
    return await withNamespace(options, (namespace) => replayIn(namespace, pool, options));
  } finally {
    await pool.end();
  }
}

async function replayIn(namespace: Namespace, pool: DatabasePool, options: ReplayOptions): Promise<Replayed> {
  const { shard, until, depth, pageSize, progress, signal } = options;
  const { first, last: recorded } = await recordedRange(pool, shard);
  const last = Math.min(until ?? recorded, recorded);
  if (last < first) throw new Error(`shard ${shard} begins with sequence ${first}`);
  const player = await createPlayer({
    ...{ pool, namespace, first, pageSize, signal },
    progress: (at, trades) => progress({ first, at, last, trades }),
  });
  const before = player.at();
  const unitsOf = await loadUnits(pool);
  const explanation =
    options.explain === null
      ? null
      : await explain({ pool, namespace, player, unitsOf, last }, options.explain);
  if (explanation === null) await player.advance(last);
  const { orders: resting, sha256: booksSha256 } = await hashBooks(namespace);
  const books = until === null ? null : await readBooks(namespace, depth);
  const played = player.at() - before;
  return { shard, first, played, ...sumUp(player), resting, booksSha256, books, explanation, unitsOf };
}

function sumUp(player: Player): Pick<Replayed, 'last' | 'trades' | 'tradesSha256'> {
  return { last: player.at(), trades: player.trades(), tradesSha256: player.tradesSha256() };
}
