import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Redis } from 'ioredis';
import { createConfirm } from '../../api/shard/confirm.ts';
import { UnconfirmedError } from '../../api/shard/errors.ts';
import { createSubmitted } from '../../api/shard/submitted.ts';
import { fencedSequence } from '../../core/fence.ts';
import { shardKeys } from '../../core/keys.ts';
import { createKnown } from '../../core/known.ts';
import { createLog } from '../../core/log.ts';
import { connected, connectOnce } from '../../core/redis.ts';
import type { Report } from '../../core/wire/reports.ts';
import { createSubmit } from '../../matcher/client.ts';
import { placeCommand, productCommand } from '../support/commands.ts';
import { generous, openEngine, submitAll } from '../support/engine.ts';
import type { RedisServer } from '../support/redis-servers.ts';
import { startMatcher, startPair } from '../support/replicated-shard.ts';
import { until } from '../support/until.ts';

const log = createLog('test', 'silent');
const shard = 'main';
const { state } = shardKeys(shard);

async function open(t: ExecutionContext, { port }: RedisServer): Promise<Redis> {
  const redis = await connected(connectOnce(`redis://127.0.0.1:${port}`, log, { timeoutMs: 3_000 }));
  t.teardown(() => redis.disconnect());
  return redis;
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

test('an answer before the verdict is confirmed by the replica, and refused if another command has its sequence', async (t) => {
  const { primary, replica, link } = await startPair(t);
  await openEngine(primary.client, shard);
  const submitted = createSubmitted(shard);
  const known = createKnown();
  const submit = submitted.noting(
    createSubmit(await open(t, primary), shard, { ...generous, minReplicas: 1 }, known),
  );
  const confirmOn = async (server: RedisServer, replicas: number) =>
    createConfirm({ redis: await open(t, server), shard, replicas, known, submitted });
  const confirm = await confirmOn(primary, 1);
  const [first] = await submit([placeCommand({ requestId: 'first' })]);
  t.is(known.sequence(), 0, 'nobody was told of it yet');
  await confirm(first!);
  t.is(known.sequence(), first!.sequence);

  link.silence();
  const [lost] = await submit([placeCommand({ requestId: 'lost' })]);
  await t.throwsAsync(confirm(lost!), { instanceOf: UnconfirmedError });
  await primary.kill();
  await replica.client.replicaof('NO', 'ONE');
  const submitAfter = submitted.noting(createSubmit(await open(t, replica), shard, generous));
  const command = placeCommand({ requestId: 'other' });
  const [other] = await submitAfter([command]);
  t.is(other!.sequence, lost!.sequence, 'given twice, and both answers are of one process');
  const confirmAfter = await confirmOn(replica, 0);
  await t.throwsAsync(confirmAfter(lost!), { message: /another command has it/ });
  await t.notThrowsAsync(confirmAfter(other!));
  const report = { command } as Report;
  t.throws(() => submitted.assertOurs(lost!, report), { instanceOf: UnconfirmedError });
  t.notThrows(() => submitted.assertOurs(other!, report));
});

test('a connection whose server has become a replica is given up when replicas are asked by it', async (t) => {
  const { primary, replica } = await startPair(t);
  await openEngine(primary.client, shard);
  const asked = await open(t, primary);
  t.is(await fencedSequence(asked, shard, 1), 0);
  const back = once(asked, 'ready', { signal: AbortSignal.timeout(10_000) });
  await primary.client.replicaof('127.0.0.1', replica.port);
  await t.throwsAsync(fencedSequence(asked, shard, 1), { message: /WAIT cannot be used/ });
  await t.notThrowsAsync(back);
});
