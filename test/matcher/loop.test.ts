import test from 'ava';
import { Registry } from 'prom-client';
import { shardKeys } from '../../core/keys.ts';
import { createKnown } from '../../core/known.ts';
import { createLog } from '../../core/log.ts';
import { matchLoop } from '../../matcher/loop.ts';
import { createMatcherMetrics } from '../../matcher/metrics.ts';
import { placeCommand } from '../support/commands.ts';
import { openEngine, submitAll } from '../support/engine.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();

test('a gap that is met while stopping ends the loop with it', async (t) => {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, [placeCommand(), placeCommand()], [1]);
  await redis.xdel(shardKeys(engine.shard).commands, '0-1');
  const stop = new AbortController();
  stop.abort();
  const loop = matchLoop({
    ...{ redis, waiting: redis.duplicate({ lazyConnect: true }), shard: engine.shard, runSize: 10 },
    minReplicas: 0,
    ...{ known: createKnown(), log: createLog('test', 'silent') },
    ...{ metrics: createMatcherMetrics(new Registry())('main'), signal: stop.signal, graceMs: 10_000 },
  });
  await t.throwsAsync(loop, { message: /^GAP / });
});
