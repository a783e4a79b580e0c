import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import { connected, connectPatiently } from '../../core/redis.ts';
import { createPublisher } from '../../writer/publish.ts';
import { proxyRedis } from '../support/proxied-redis.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();
const log = createLog('test', 'silent');
const retention = 100;

const persistedOf = async (shard: string) => Number(await redis.hget(shardKeys(shard).state, 'persisted'));

test('a commit need not wait until Redis has heard of the one before, and the next one waits for that', async (t) => {
  const shard = newShard();
  const { proxy, url } = await proxyRedis(t, redis);
  const far = await connected(connectPatiently(url, log));
  t.teardown(() => far.disconnect());
  proxy.delay(500); // longer than a look at what Redis has
  const { publish, published } = createPublisher({ redis: far, shard, retention });
  await publish(10, []);
  t.is(await persistedOf(shard), 0);
  await publish(20, []);
  t.is(await persistedOf(shard), 10);
  await published();
  t.is(await persistedOf(shard), 20);
});

test('what Redis refuses stops nobody, and is there when it is said again', async (t) => {
  const shard = newShard();
  const { publish, published } = createPublisher({ redis, shard, retention });
  const { state } = shardKeys(shard);
  await redis.set(state, 'not a hash');
  await publish(10, []);
  await publish(20, []);
  await published();
  await redis.del(state);
  await publish(20, []);
  await published();
  t.is(await persistedOf(shard), 20);
});

test('the streams keep what they must, and whole nodes of the rest go', async (t) => {
  const shard = newShard();
  const { commands, events } = shardKeys(shard);
  const { publish, published } = createPublisher({ redis, shard, retention });
  const add = (from: number, to: number) =>
    Promise.all(
      Array.from({ length: to - from }, (_, i) => `0-${from + i}`).flatMap((id) =>
        [commands, events].map((stream) => redis.xadd(stream, id, 'line', 'x')),
      ),
    );
  await add(1, 501);
  for (const persisted of [500, 505]) {
    await publish(persisted, []);
    await published();
    for (const stream of [commands, events]) {
      t.is((await redis.xrange(stream, '0-400', '0-400')).length, 1);
      t.true((await redis.xlen(stream)) <= 200);
    }
  }
});
