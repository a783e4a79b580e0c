import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Redis } from 'ioredis';
import { Registry } from 'prom-client';
import { createConfirm } from '../../api/shard/confirm.ts';
import { UnconfirmedError } from '../../api/shard/errors.ts';
import { createSubmitted } from '../../api/shard/submitted.ts';
import { shardKeys } from '../../core/keys.ts';
import { createKnown } from '../../core/known.ts';
import { createLog } from '../../core/log.ts';
import { connected, connectOnce, connectPatiently } from '../../core/redis.ts';
import { createSubmit } from '../../matcher/client.ts';
import { matchLoop } from '../../matcher/loop.ts';
import { createMatcherMetrics } from '../../matcher/metrics.ts';
import { openProxy, type TcpProxy } from '../../scripts/lab/faults/proxy.ts';
import { placeCommand, productCommand } from '../support/commands.ts';
import { generous, matchAll, openEngine, readEvents, submitAll } from '../support/engine.ts';
import { randomCommands, start } from '../support/funded-shard.ts';
import { type RedisServer, startRedisServer } from '../support/redis-servers.ts';
import { until } from '../support/until.ts';

const log = createLog('test', 'silent');
const shard = 'main';
const { state } = shardKeys(shard);

type Pair = { readonly primary: RedisServer; readonly replica: RedisServer; readonly link: TcpProxy };

async function startPair(t: ExecutionContext): Promise<Pair> {
  const primary = await startRedisServer(t);
  const link = await openProxy({ host: '127.0.0.1', port: primary.port });
  t.teardown(() => link.close());
  const replica = await startRedisServer(t, { config: [`replicaof 127.0.0.1 ${link.port}`] });
  await until(async () => (await primary.client.wait(1, 100)) === 1);
  return { primary, replica, link };
}

/** Matches what the replica has until the test is over. */
async function startMatcher(t: ExecutionContext, { port }: RedisServer): Promise<void> {
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

const matched = async (redis: Redis): Promise<number> => Number(await redis.hget(state, 'matched'));

test('nothing is matched while the replica does not have it, and all of it once it has', async (t) => {
  const { primary, replica } = await startPair(t);
  const engine = await openEngine(primary.client, shard);
  await startMatcher(t, primary);
  await submitAll(engine, [productCommand(), placeCommand()]);
  await until(async () => (await matched(primary.client)) === 2);
  replica.signal('SIGSTOP');
  await submitAll(engine, [placeCommand(), placeCommand()]);
  await wait(1_500);
  t.is(await matched(primary.client), 2);
  replica.signal('SIGCONT');
  await until(async () => (await matched(primary.client)) === 4);
});

/** Wherever replication is cut: what was reported before is what the replica comes to. */
test('a failover that loses whatever was not replicated contradicts nothing that was reported', async (t) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  t.log(`SEED=${seed}`);
  for (let round = 0; round < 4; round++) {
    const { primary, replica, link } = await startPair(t);
    const engine = await openEngine(primary.client, shard, start);
    await startMatcher(t, primary);
    const commands = randomCommands(seed + round, 1_200);
    const sending = submitAll(engine, commands, [1, 7, 30]).catch(() => {});
    const enough = start + 1 + ((seed * (round + 1)) % 900);
    await until(async () => (await matched(primary.client)) >= enough);
    link.silence(); // the cut, somewhere in the stream
    await replica.client.replicaof('NO', 'ONE');
    await wait(50);
    const reported = await readEvents(engine); // all that anyone could have been told
    await primary.kill();
    await Promise.race([sending, wait(100)]);
    const successor = { redis: replica.client, shard };
    const [sequence, was] = (await replica.client.hmget(state, 'sequence', 'matched')).map(Number);
    t.log(`reported ${reported.split('\n').length}, replica at ${was} of ${sequence} commands`);
    await matchAll(successor, 13);
    const again = await readEvents(successor);
    t.true(again.startsWith(reported), `round ${round}`);
  }
});

test('an answer before the verdict is confirmed by the replica, and refused if another command has its sequence', async (t) => {
  const { primary, replica, link } = await startPair(t);
  await openEngine(primary.client, shard);
  const open = async ({ port }: RedisServer): Promise<Redis> => {
    const redis = await connected(connectOnce(`redis://127.0.0.1:${port}`, log, { timeoutMs: 3_000 }));
    t.teardown(() => redis.disconnect());
    return redis;
  };
  const submitted = createSubmitted(shard);
  const known = createKnown();
  const submit = submitted.noting(
    createSubmit(await open(primary), shard, { ...generous, minReplicas: 1 }, known),
  );
  const confirmOn = async (server: RedisServer, replicas: number) =>
    createConfirm({ redis: await open(server), shard, replicas, known, submitted });
  const confirm = await confirmOn(primary, 1);
  const [first] = await submit([placeCommand({ requestId: 'first' })]);
  t.is(known.sequence(), 0, 'nobody was told of it yet');
  await confirm(first!.sequence);
  t.is(known.sequence(), first!.sequence);

  link.silence();
  const [lost] = await submit([placeCommand({ requestId: 'lost' })]);
  await t.throwsAsync(confirm(lost!.sequence), { instanceOf: UnconfirmedError });
  await primary.kill();
  await replica.client.replicaof('NO', 'ONE');
  const other = createSubmit(await open(replica), shard, generous);
  t.is((await other([placeCommand({ requestId: 'other' })]))[0]!.sequence, lost!.sequence);
  const confirmAfter = await confirmOn(replica, 0);
  await t.throwsAsync(confirmAfter(lost!.sequence), { message: /another command has it/ });
});
