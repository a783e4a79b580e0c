import test from 'ava';
import { Registry } from 'prom-client';
import { readConfig } from '../../core/config.ts';
import { shardKeys } from '../../core/keys.ts';
import { sleep } from '../../core/lifecycle.ts';
import { createLog, type Log } from '../../core/log.ts';
import { matchShard } from '../../matcher/match-shard.ts';
import { createMatcherMetrics } from '../../matcher/metrics.ts';
import { addShard, freshPool } from '../support/database.ts';
import { redisUrl, useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();

test('a shard that cannot be matched any further is not watched any further', async (t) => {
  const { url, pool } = await freshPool(t);
  const shard = newShard();
  await addShard(url, shard, 3);
  const warned: unknown[] = [];
  const log = createLog('test', 'silent');
  log.child = (() => ({
    ...log,
    info: () => {},
    warn: (what: unknown) => warned.push(what),
  })) as unknown as Log['child'];
  const config = readConfig({ REDIS_URL: redisUrl(), DATABASE_URL: url, SHARD: shard });
  const metrics = createMatcherMetrics(new Registry());
  const onReady = (): void => void redis.del(shardKeys(shard).state);
  const matching = matchShard(
    { config, pool, log, metrics, tracing: null, onReady },
    shard,
    new AbortController().signal,
  );
  await t.throwsAsync(matching, { message: /^UNPREPARED / });
  await sleep(config.productPollMs); // what is under way ends
  const before = warned.length;
  await sleep(1_000);
  t.is(warned.length, before);
});
