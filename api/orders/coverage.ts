import type { Product } from '../../core/product.ts';
import { singleFlight } from '../../core/single-flight.ts';
import { loadCoverage } from '../../sql/coverage.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { NotFound } from '../errors.ts';
import type { Shard } from '../shard/shard.ts';
import type { Shards } from '../shard/shards.ts';

/** From which sequence on PostgreSQL's tables hold everything of a shard; null if nothing was archived. */
export type CoveredFrom = (shard: Shard, maxAgeMs?: number) => Promise<number | null>;

/** Nearly every read asks, and all of a shard ask the same. Who may hear what was so a while ago waits for nothing then. */
export function createCoveredFrom(pool: Queries): CoveredFrom {
  type Known = { readonly ask: () => Promise<number | null>; at: number; from: number | null };
  const lookUps = new Map<string, Known>();
  const lookUp = async (name: string): Promise<number | null> => {
    const { fromSequence, newestMissing } = await loadCoverage(pool, name);
    return newestMissing === null ? null : fromSequence;
  };
  return async ({ name }, maxAgeMs = 0) => {
    let known = lookUps.get(name);
    if (!known) {
      known = { ask: singleFlight(() => lookUp(name)), at: Number.NEGATIVE_INFINITY, from: null };
      lookUps.set(name, known);
    }
    const now = performance.now();
    if (maxAgeMs > 0 && now - known.at <= maxAgeMs) return known.from;
    const from = await known.ask();
    Object.assign(known, { at: now, from });
    return from;
  };
}

type Covering = { readonly shards: Shards; readonly coveredFrom: CoveredFrom };

/**
 * From where on a list of a product, or of all, lacks nothing once older rows were archived; a sequence for each shard. To be
 * called after the rows are read, since they may leave at any time.
 */
export async function coversFrom(api: Covering, product: Product | null, maxAgeMs = 0): Promise<number[]> {
  const shards = product === null ? api.shards.all : [api.shards.ofProduct(product)];
  const covered = await Promise.all(shards.map((shard) => api.coveredFrom(shard, maxAgeMs)));
  return covered.filter((sequence) => sequence !== null);
}

/** Of an order that PostgreSQL does not have: what came before the sequence that is returned is archived, and it is among that. */
export async function archivedBelow(api: Covering, orderId: number): Promise<number | null> {
  const shard = api.shards.ofOrder(orderId);
  const below = shard ? await api.coveredFrom(shard) : null;
  return below !== null && orderId < below ? below : null;
}

/**
 * The answer when an order is not there. Whose an archived one was, nobody knows here. Its status is 404 and not 410, which
 * clients of this dialect take for a failure of the network.
 */
export async function orderNotFound(api: Covering, orderId: number | null): Promise<NotFound> {
  const below = orderId === null ? null : await archivedBelow(api, orderId);
  return below === null
    ? new NotFound()
    : new NotFound(`order not found: what came before sequence ${below} and is done is archived`);
}
