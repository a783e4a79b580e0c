import test from 'ava';
import { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { shardKeys } from '../../core/keys.ts';
import { createKnown } from '../../core/known.ts';
import { createLog } from '../../core/log.ts';
import { matchLoop } from '../../matcher/loop.ts';
import { createMatcherMetrics } from '../../matcher/metrics.ts';
import { placeCommand } from '../support/commands.ts';
import { openEngine, submitAll } from '../support/engine.ts';
import { redisUrl, useRedis } from '../support/redis.ts';

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

test('a run that leaves nothing is followed by a wait, not by another run', async (t) => {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, [placeCommand(), placeCommand()], [2]);
  const asked: string[] = [];
  const stop = new AbortController();
  const noting = async (word: string): Promise<Redis> => {
    const own = new Redis(redisUrl());
    await own.ping(); // what is sent before it is connected is sent twice as ioredis sees it
    const send = own.sendCommand.bind(own);
    own.sendCommand = (command, stream) => {
      if (command.name === word) asked.push(word);
      if (asked.includes('xread')) stop.abort();
      return send(command, stream);
    };
    return own;
  };
  const [running, waiting] = [await noting('evalsha'), await noting('xread')];
  await matchLoop({
    ...{ redis: running, waiting, shard: engine.shard, runSize: 1_000, minReplicas: 0 },
    ...{ known: createKnown(), log: createLog('test', 'silent') },
    ...{ metrics: createMatcherMetrics(new Registry())('main'), signal: stop.signal, graceMs: 0 },
  });
  running.disconnect();
  t.deepEqual(asked, ['evalsha', 'xread']);
});
