/** The matcher process of one shard, of several, or of a share of all. Any number of them may run: each run of the script is atomic. */
import { runShardProcess } from '../core/shard-process.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { loadShards } from '../sql/shards.ts';
import { matchShard } from './match-shard.ts';
import { createMatcherMetrics } from './metrics.ts';

await runShardProcess('matcher', async ({ config, log, bare, registry, tracing }) => {
  const metrics = createMatcherMetrics(registry);
  const pool = await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 });
  return {
    list: async () => (await loadShards(pool)).map(({ name }) => name),
    serve: (shard, { signal, onReady }) =>
      matchShard({ config, pool, log: bare, metrics, tracing, onReady }, shard, signal),
    close: () => pool.end(),
  };
});
