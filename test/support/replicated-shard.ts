import type { ExecutionContext } from 'ava';
import { Registry } from 'prom-client';
import { createKnown } from '../../core/known.ts';
import { createLog } from '../../core/log.ts';
import { connected, connectOnce, connectPatiently } from '../../core/redis.ts';
import { matchLoop } from '../../matcher/loop.ts';
import { createMatcherMetrics } from '../../matcher/metrics.ts';
import { openProxy, type TcpProxy } from '../../scripts/lab/faults/proxy.ts';
import { type RedisServer, startRedisServer } from './redis-servers.ts';
import { until } from './until.ts';

const log = createLog('test', 'silent');
const shard = 'main';

/** `link` is what the replica hears of its primary. */
export type Pair = { readonly primary: RedisServer; readonly replica: RedisServer; readonly link: TcpProxy };

export async function startPair(t: ExecutionContext): Promise<Pair> {
  const primary = await startRedisServer(t);
  const link = await openProxy({ host: '127.0.0.1', port: primary.port });
  t.teardown(() => link.close());
  const replica = await startRedisServer(t, { config: [`replicaof 127.0.0.1 ${link.port}`] });
  await until(async () => (await primary.client.wait(1, 100)) === 1);
  return { primary, replica, link };
}

/** Matches what the replica has until the test is over. */
export async function startMatcher(t: ExecutionContext, { port }: RedisServer): Promise<void> {
  const url = `redis://127.0.0.1:${port}`;
  const redis = await connected(connectOnce(url, log, { timeoutMs: 2_000 }));
  const waiting = connectPatiently(url, log);
  const stop = new AbortController();
  const loop = matchLoop({
    ...{ redis, waiting, shard, runSize: 20, minReplicas: 1, known: createKnown(), log, graceMs: 0 },
    ...{ metrics: createMatcherMetrics(new Registry())('main'), signal: stop.signal },
  });
  loop.catch(() => {}); // its Redis is killed
  t.teardown(() => {
    stop.abort();
    redis.disconnect();
    waiting.disconnect();
  });
}
