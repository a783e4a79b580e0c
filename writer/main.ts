/** The writer process of one shard, of several, or of a share of all. One writes a shard, any others stand by and take over. */
import { runShardProcess } from '../core/shard-process.ts';
import { openPoolPatiently } from '../sql/pool.ts';
import { loadShards } from '../sql/shards.ts';
import { createWriterMetrics } from './metrics.ts';
import { writeShard } from './write-shard.ts';

await runShardProcess('writer', async ({ config, log, bare, registry, tracing }) => {
  const metrics = createWriterMetrics(registry);
  /** To see which shards there are, if that is wanted. */
  const looking =
    config.shards === null
      ? await openPoolPatiently(config.databaseUrl, log, { maxPoolSize: 1, statementTimeout: 10_000 })
      : null;
  return {
    list: async () => (await loadShards(looking!)).map(({ name }) => name),
    serve: (shard, { signal, onReady }) =>
      writeShard({ config, log: bare, metrics, tracing, onReady }, shard, signal),
    close: async () => looking?.end(),
  };
});
