import type { Queries } from '../../sql/with-timeout.ts';
import type { Shards } from '../shard/shards.ts';
import { loadPendingShardTransfers } from '../transfers/queries/pending-shard-transfers.ts';
import { gaugeIn, newRegistry, patiently } from './asked.ts';

const none = { count: 0, ageSeconds: 0 };

/** What is under way between shards, as PostgreSQL says at each call. Nothing while PostgreSQL does not answer; it is not asked where there is one shard. */
export function createTransferMetrics(shards: Shards, pool: Queries): () => Promise<string> {
  const registry = newRegistry();
  const gauge = gaugeIn(registry);
  const pending = gauge('pending_shard_transfers', 'Transfers between shards that have not ended.');
  const oldest = gauge('pending_shard_transfer_age_seconds', 'Age of the oldest of them.');
  return async () => {
    const state = shards.all.length < 2 ? none : await patiently(loadPendingShardTransfers(pool));
    if (state === null) return '';
    pending.set(state.count);
    oldest.set(state.ageSeconds);
    return registry.metrics();
  };
}
