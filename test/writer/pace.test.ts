import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { sleep } from '../../core/lifecycle.ts';
import { createLog } from '../../core/log.ts';
import { connectPatiently } from '../../core/redis.ts';
import { createPace, type Pace } from '../../writer/pace.ts';
import { redisUrl, useRedis } from '../support/redis.ts';

const log = createLog('test', 'silent');
const { redis, newShard } = useRedis();
const longerThanATest = 3_600_000;

type Setting = {
  readonly pace: Pace;
  readonly say: (sequence: number) => Promise<unknown>;
  readonly stop: () => void;
};

async function withPace(intervalMs: number, use: (setting: Setting) => Promise<void>): Promise<void> {
  const shard = newShard();
  const { awaited } = shardKeys(shard);
  const channel = connectPatiently(redisUrl(), log);
  const stop = new AbortController();
  const pace = createPace({ channel, shard, intervalMs, signal: stop.signal });
  while (Number((await redis.pubsub('NUMSUB', awaited))[1]) === 0) await sleep(2);
  await use({ pace, say: (sequence) => redis.publish(awaited, String(sequence)), stop: () => stop.abort() });
  channel.disconnect();
}

const isOver = (gathering: Promise<void>): Promise<boolean> =>
  Promise.race([gathering.then(() => true), sleep(30).then(() => false)]);

test('reports gather for the interval if nobody waits', (t) =>
  withPace(100, async ({ pace }) => {
    const start = performance.now();
    await pace.gather(7);
    t.true(performance.now() - start >= 99);
  }));

test('whoever waits for a later report ends the gathering, and what was taken already does not', (t) =>
  withPace(longerThanATest, async ({ pace, say }) => {
    const gathering = pace.gather(7);
    await say(7);
    t.false(await isOver(gathering));
    await say(8);
    await gathering;
  }));

test('what is waited for before the gathering begins is remembered until it was taken', (t) =>
  withPace(longerThanATest, async ({ pace, say, stop }) => {
    const first = pace.gather(7);
    await say(9);
    await say(8);
    await first;
    await pace.gather(8);
    const last = pace.gather(9);
    t.false(await isOver(last));
    stop();
    await last;
  }));

test('who is told to stop waits for nothing', (t) =>
  withPace(longerThanATest, async ({ pace, stop }) => {
    stop();
    await pace.gather(7);
    t.pass();
  }));
