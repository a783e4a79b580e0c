import test, { type ExecutionContext } from 'ava';
import { sleep } from '../../core/lifecycle.ts';
import { createLog } from '../../core/log.ts';
import { shareShards } from '../../core/share-shards.ts';
import { redisUrl, useRedis } from '../support/redis.ts';

const { newShard } = useRedis();

/** When the only process that there is began each time to serve a shard, the last time for good. `serve` is told how often it did. */
async function begins(t: ExecutionContext, times: number, serve: (time: number) => Promise<void>) {
  t.timeout(60_000);
  const [shard, stop, begun] = [newShard(), new AbortController(), [] as number[]];
  const sharing = shareShards({
    ...{ role: 'matchers', redisUrl: redisUrl(), timeoutMs: 5_000, list: async () => [shard] },
    ...{ log: createLog('test', 'silent'), signal: stop.signal },
    serve: async (_, signal) => {
      begun.push(performance.now());
      if (begun.length < times) return serve(begun.length);
      stop.abort();
      await sleep(0, signal);
    },
  });
  await sharing;
  return begun;
}

/** Longer than the third pause. */
const wellMs = 4_100;

const refuse = (message: string) => async (): Promise<void> => {
  throw new Error(message);
};

test('a shard that is on its way to another node is tried again soon, however often', async (t) => {
  for (const message of ['ASK 1 127.0.0.1:1', 'TRYAGAIN Multiple keys request during rehashing of slot']) {
    const begun = await begins(t, 6, refuse(message));
    t.true(begun.at(-1)! - begun[0]! < 8_000, `five pauses took ${begun.at(-1)! - begun[0]!} ms`);
  }
});

test('a shard that was served well for a while is tried again as soon as at first', async (t) => {
  const begun = await begins(t, 5, async (time) => {
    if (time === 4) await sleep(wellMs);
    throw new Error('UNPREPARED');
  });
  const pauses = [1, 2, 3].map((time) => begun[time]! - begun[time - 1]!);
  t.true(pauses[2]! > pauses[0]!, 'it waits longer each time');
  const last = begun[4]! - begun[3]! - wellMs;
  t.true(last < 2_500, `then it waited ${last} ms`);
});
