import type { Queries } from '../../sql/with-timeout.ts';
import type { Shards } from '../shard/shards.ts';
import { loadPendingShardTransfers } from '../transfers/queries/pending-shard-transfers.ts';
import { gaugeIn, newRegistry, patiently } from './asked.ts';

/** What is under way between shards, as PostgreSQL says at each call. Nothing where there is one shard, or while PostgreSQL does not answer. */
export function createTransferMetrics(shards: Shards, pool: Queries): () => Promise<string> {
  const registry = newRegistry();
  const gauge = gaugeIn(registry);
  const pending = gauge('pending_shard_transfers', 'Transfers between shards that have not ended.');
  const oldest = gauge('pending_shard_transfer_age_seconds', 'Age of the oldest of them.');
  return async () => {
    const state = shards.all.length < 2 ? null : await patiently(loadPendingShardTransfers(pool));
    if (state === null) return '';
    pending.set(state.count);
    oldest.set(state.ageSeconds);
    return registry.metrics();
  };
}
