import test from 'ava';
import type { Redis } from 'ioredis';
import { LagError, RedisAwayError } from '../../../api/shard/errors.ts';
import { followPersisted, type Persisted } from '../../../api/shard/persisted.ts';
import { createRedisReads } from '../../../api/shard/redis-reads.ts';
import { shardKeys } from '../../../core/keys.ts';
import { sleep } from '../../../core/lifecycle.ts';
import { createLog } from '../../../core/log.ts';
import { connected, connectOnce, connectPatiently } from '../../../core/redis.ts';
import { redisUrl, useRedis } from '../../support/redis.ts';
import { until } from '../../support/until.ts';

const log = createLog('test', 'silent');
const { redis, newShard } = useRedis();

type Setting = {
  readonly shard: string;
  readonly persisted: Persisted;
  readonly once: Redis;
  readonly channel: Redis;
};

/** Never asks by itself, unless told to, so that what it knows comes from the channel. */
async function follow(timing: { timeoutMs?: number; pollMs?: number } = {}): Promise<Setting> {
  const { timeoutMs = 5_000, pollMs = 60_000 } = timing;
  const shard = newShard();
  const once = await connected(connectOnce(redisUrl(), log));
  const channel = await connected(connectPatiently(redisUrl(), log));
  const redisReads = createRedisReads({ redis: once, shard, timeoutMs });
  const persisted = followPersisted({ channel, redisReads, shard, timeoutMs, pollMs });
  await untilSubscribed(shard);
  return { shard, persisted, once, channel };
}

async function untilSubscribed(shard: string): Promise<void> {
  const { persisted } = shardKeys(shard);
  await until(
    async () => {
      const [, subscribers] = (await redis.pubsub('NUMSUB', persisted)) as [string, number];
      return Number(subscribers) > 0;
    },
    { pauseMs: 2 },
  );
}

function end({ persisted, once }: Setting): void {
  persisted.close();
  once.disconnect();
}

function now(answer: Promise<void>): Promise<'shown' | 'waits'> {
  return Promise.race([answer.then(() => 'shown' as const), sleep(0).then(() => 'waits' as const)]);
}

test('the writer is told what is waited for, and nothing twice', async (t) => {
  const setting = await follow();
  const { shard, persisted } = setting;
  const heard: string[] = [];
  const listener = redis.duplicate();
  listener.on('message', (_, sequence: string) => heard.push(sequence));
  await listener.subscribe(shardKeys(shard).awaited);
  for (const sequence of [12, 11, 12, 15]) void persisted.through(sequence).catch(() => {});
  await until(() => heard.includes('15'), { pauseMs: 2 });
  t.deepEqual(heard, ['12', '15']);
  listener.disconnect();
  end(setting);
});

test('a message on the channel lets those go on whose sequence it covers', async (t) => {
  const setting = await follow();
  const { shard, persisted } = setting;
  const [first, second] = [persisted.through(10), persisted.through(20)];
  t.is(await now(first), 'waits');
  await redis.publish(shardKeys(shard).persisted, '15');
  await first;
  t.is(await now(second), 'waits');
  await redis.publish(shardKeys(shard).persisted, '20');
  await second;
  t.is(await now(persisted.through(20)), 'shown');
  end(setting);
});

test('a message that was lost is made up for by asking', async (t) => {
  const setting = await follow({ pollMs: 20 });
  const shown = setting.persisted.through(10);
  await redis.hset(shardKeys(setting.shard).state, 'persisted', 10);
  await t.notThrowsAsync(shown);
  end(setting);
});

test('a lost connection comes back, with what was missed and with the channel', async (t) => {
  const setting = await follow();
  const { shard, persisted, channel } = setting;
  const missed = persisted.through(10);
  await redis.hset(shardKeys(shard).state, 'persisted', 10);
  channel.disconnect(true);
  await missed;
  const next = persisted.through(11);
  await untilSubscribed(shard);
  await redis.publish(shardKeys(shard).persisted, '11');
  await t.notThrowsAsync(next);
  end(setting);
});

test('what does not come in time is a LagError that says how far it is', async (t) => {
  const setting = await follow({ timeoutMs: 60 });
  await redis.publish(shardKeys(setting.shard).persisted, '9');
  await setting.persisted.through(9);
  const error = await t.throwsAsync(setting.persisted.through(10), { instanceOf: LagError });
  t.regex(error!.message, /is at 9, waited for 10$/);
  end(setting);
});

test('while Redis is away, whoever waits is told so soon', async (t) => {
  const setting = await follow({ pollMs: 20 });
  setting.once.disconnect();
  const start = performance.now();
  await t.throwsAsync(setting.persisted.through(10), { instanceOf: RedisAwayError });
  t.true(performance.now() - start < 1_000);
  end(setting);
});

test('a Redis that does not answer is away', async (t) => {
  const silent = { hget: () => new Promise(() => {}) } as unknown as Redis;
  const redisReads = createRedisReads({ redis: silent, shard: 'any', timeoutMs: 30 });
  await t.throwsAsync(redisReads.matched(), { instanceOf: RedisAwayError, message: /no answer in 30 ms/ });
});
