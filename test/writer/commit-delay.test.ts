import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { sleep } from '../../core/lifecycle.ts';
import { createLog } from '../../core/log.ts';
import { connectPatiently } from '../../core/redis.ts';
import { type CommitDelay, createCommitDelay } from '../../writer/commit-delay.ts';
import { redisUrl, useRedis } from '../support/redis.ts';

const log = createLog('test', 'silent');
const { redis, newShard } = useRedis();
const longerThanATest = 3_600_000;

type Setting = {
  readonly delay: CommitDelay;
  readonly say: (sequence: number) => Promise<unknown>;
  readonly stop: () => void;
};

async function withCommitDelay(intervalMs: number, use: (setting: Setting) => Promise<void>): Promise<void> {
  const shard = newShard();
  const { awaited } = shardKeys(shard);
  const channel = connectPatiently(redisUrl(), log);
  const stop = new AbortController();
  const delay = createCommitDelay({ channel, shard, intervalMs, signal: stop.signal });
  while (Number((await redis.pubsub('NUMSUB', awaited))[1]) === 0) await sleep(2);
  await use({ delay, say: (sequence) => redis.publish(awaited, String(sequence)), stop: () => stop.abort() });
  channel.disconnect();
}

const isOver = (gathering: Promise<void>): Promise<boolean> =>
  Promise.race([gathering.then(() => true), sleep(30).then(() => false)]);

test('reports gather for the interval if nobody waits', (t) =>
  withCommitDelay(100, async ({ delay }) => {
    const start = performance.now();
    await delay.wait(7);
    t.true(performance.now() - start >= 99);
  }));

test('whoever waits for a later report ends the gathering, and what was taken already does not', (t) =>
  withCommitDelay(longerThanATest, async ({ delay, say }) => {
    const gathering = delay.wait(7);
    await say(7);
    t.false(await isOver(gathering));
    await say(8);
    await gathering;
  }));

test('what is waited for before the gathering begins is remembered until it was taken', (t) =>
  withCommitDelay(longerThanATest, async ({ delay, say, stop }) => {
    const first = delay.wait(7);
    await say(9);
    await say(8);
    await first;
    await delay.wait(8);
    const last = delay.wait(9);
    t.false(await isOver(last));
    stop();
    await last;
  }));

test('who is told to stop waits for nothing', (t) =>
  withCommitDelay(longerThanATest, async ({ delay, stop }) => {
    stop();
    await delay.wait(7);
    t.pass();
  }));
