// A replay from an empty namespace to its hashes, its books, or the story of an order.

import type { DatabasePool } from 'slonik';
import { withPool } from '../../launcher/connections.ts';
import type { Environment } from '../../launcher/servers/environment.ts';
import { type Archive, assertPresent, findArchives, partsOf, takeIn } from './archives.ts';
import { type Book, hashBooks, readBooks } from './books.ts';
import { type Explanation, explain } from './explain.ts';
import { type Namespace, withNamespace } from './namespace.ts';
import { createPlayer, type Player } from './player.ts';
import { type Part, type Range, recordedRange } from './recorded.ts';
import { loadUnits, type UnitsOf } from './units.ts';

/** What a person asks for. */
export type ReplayWish = {
  /** Null for a private Redis. */
  readonly redisUrl: string | null;
  /** The folder that has what PostgreSQL has exported. */
  readonly archives: string | null;
  readonly shard: string;
  readonly until: number | null;
  readonly explain: number | null;
  readonly depth: number;
  readonly resume: boolean;
};

export type ReplayOptions = ReplayWish & {
  readonly databaseUrl: string;
  readonly environment: Environment;
  readonly pageSize: number;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Told the name of each archived file before it is taken in. */
  readonly takingIn: (file: string) => void;
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

/** Throws `ArchivesNeededError` if PostgreSQL lacks what a folder of archives would have. */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  return withPool(options.databaseUrl, (pool) => replayFrom(pool, options), { sessions: 2 });
}

async function replayFrom(pool: DatabasePool, options: ReplayOptions): Promise<Replayed> {
  const range = await rangeOf(pool, options);
  const archives = await findArchives(pool, range);
  assertPresent(archives, options.archives);
  const place = { ...options, needsDatabase: archives.length > 0 };
  return withNamespace(place, (namespace, databaseUrl) =>
    withParts({ live: pool, databaseUrl, range, archives }, options, (parts) =>
      replayIn(namespace, { pool, parts, ...range }, options),
    ),
  );
}

async function rangeOf(pool: DatabasePool, { shard, until }: ReplayOptions): Promise<Range> {
  const { first, last: recorded } = await recordedRange(pool, shard);
  const last = Math.min(until ?? recorded, recorded);
  if (last < first) throw new Error(`shard ${shard} begins with sequence ${first}`);
  return { first, last };
}

type Sources = {
  readonly live: DatabasePool;
  readonly range: Range;
  readonly archives: readonly Archive[];
  /** Null if there are no archives. */
  readonly databaseUrl: string | null;
};

async function withParts<T>(
  { live, range, archives, databaseUrl }: Sources,
  { archives: folder, resume, signal, takingIn: say }: ReplayOptions,
  use: (parts: readonly Part[]) => Promise<T>,
): Promise<T> {
  if (databaseUrl === null) return use([{ pool: live, ...range }]);
  const archived = await takeIn(archives, { databaseUrl, folder: folder!, resume, signal, say });
  try {
    return await use(partsOf(range, archives, { live, archived }));
  } finally {
    await archived.end();
  }
}

type Source = Range & { readonly pool: DatabasePool; readonly parts: readonly Part[] };

async function replayIn(namespace: Namespace, source: Source, options: ReplayOptions): Promise<Replayed> {
  const { shard, until, depth, pageSize, progress, signal } = options;
  const { pool, parts, first, last } = source;
  const player = await createPlayer({
    ...{ parts, namespace, first, pageSize, signal },
    progress: (at, trades) => progress({ first, at, last, trades }),
  });
  const before = player.at();
  const unitsOf = await loadUnits(pool);
  const explanation =
    options.explain === null
      ? null
      : await explain({ parts, namespace, player, unitsOf, last }, options.explain);
  if (explanation === null) await player.advance(last);
  const { orders: resting, sha256: booksSha256 } = await hashBooks(namespace);
  const books = until === null ? null : await readBooks(namespace, depth);
  const played = player.at() - before;
  return { shard, first, played, ...sumUp(player), resting, booksSha256, books, explanation, unitsOf };
}

function sumUp(player: Player): Pick<Replayed, 'last' | 'trades' | 'tradesSha256'> {
  return { last: player.at(), trades: player.trades(), tradesSha256: player.tradesSha256() };
}
