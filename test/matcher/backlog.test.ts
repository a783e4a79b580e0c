import test from 'ava';
import { clientOidKey, shardKeys } from '../../core/keys.ts';
import { createSubmit, match, prepareShard } from '../../matcher/client.ts';
import { cancelCommand, placeCommand, productCommand } from '../support/commands.ts';
import { generous } from '../support/engine.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();
const backlog = { message: /^BACKLOG / };
const places = (count: number) => Array.from({ length: count }, () => placeCommand({ clientOid: 'first' }));

/** All that a refused call might have changed. */
async function everything(shard: string) {
  const keys = shardKeys(shard);
  return Promise.all([
    redis.xrange(keys.commands, '-', '+'),
    redis.hgetall(keys.state),
    redis.hgetall(keys.written),
    redis.get(clientOidKey(shard, 1, 'first')),
    redis.get(clientOidKey(shard, 1, 'late')),
  ]);
}

test('commands beyond what may wait for the matcher are refused, all of a call, and change nothing', async (t) => {
  const shard = newShard();
  await prepareShard(redis, shard, 0);
  const submit = createSubmit(redis, shard, { ...generous, maxUnmatched: 5 });
  await submit(places(1));
  await submit([placeCommand(), placeCommand()]);
  const before = await everything(shard);
  const late = [placeCommand({ clientOid: 'late' }), placeCommand({ traderId: 9 }), placeCommand()];
  const error = await t.throwsAsync(submit(late), backlog);
  t.like(error, { name: 'SubmitError', certain: true, backlog: true });
  t.deepEqual(await everything(shard), before);
  t.is((await submit(late.slice(0, 2))).length, 2, 'as many as there is room for are taken');
  await t.throwsAsync(submit([placeCommand()]), backlog);
});

test('there is room again once the matcher has run', async (t) => {
  const shard = newShard();
  await prepareShard(redis, shard, 0);
  const submit = createSubmit(redis, shard, { ...generous, maxUnmatched: 2 });
  await submit([placeCommand(), placeCommand()]);
  await t.throwsAsync(submit([placeCommand()]), backlog);
  await match(redis, shard, 1);
  t.deepEqual(await submit([placeCommand()]), [{ sequence: 3, repeated: false }]);
});

test('commands are refused while too many matched ones wait for PostgreSQL, and change nothing', async (t) => {
  const shard = newShard();
  await prepareShard(redis, shard, 0);
  const submit = createSubmit(redis, shard, { ...generous, maxUnpersisted: 3 });
  await submit([placeCommand(), placeCommand(), placeCommand()]);
  await match(redis, shard, 10);
  t.is((await submit([placeCommand()])).length, 1, 'three may wait');
  await match(redis, shard, 10);
  const before = await everything(shard);
  await t.throwsAsync(submit([placeCommand({ clientOid: 'late' })]), backlog);
  t.deepEqual(await everything(shard), before);
  await redis.hset(shardKeys(shard).state, 'persisted', 1);
  t.deepEqual(await submit([placeCommand()]), [{ sequence: 5, repeated: false }]);
});

test('cancels and product changes find room that a full backlog keeps from all others', async (t) => {
  const shard = newShard();
  await prepareShard(redis, shard, 0);
  for (const full of [{ maxUnmatched: 2 }, { maxUnpersisted: 1 }]) {
    const submit = createSubmit(redis, shard, { ...generous, ...full });
    await submit([placeCommand(), placeCommand()]);
    if ('maxUnpersisted' in full) await match(redis, shard, 100);
    const answers = await Promise.allSettled([
      submit([placeCommand()]),
      submit([cancelCommand(), cancelCommand()]),
      submit([cancelCommand(), placeCommand()]),
      submit([{ ...productCommand(), status: 'offline' }]),
    ]);
    t.deepEqual(
      answers.map(({ status }) => status),
      ['rejected', 'fulfilled', 'rejected', 'fulfilled'],
      JSON.stringify(full),
    );
  }
});

test('the headroom is bounded too', async (t) => {
  const shard = newShard();
  await prepareShard(redis, shard, 0);
  const submit = createSubmit(redis, shard, { ...generous, maxUnmatched: 10 });
  await submit(Array.from({ length: 1_000 }, () => cancelCommand()));
  await t.throwsAsync(submit(Array.from({ length: 11 }, () => cancelCommand())), backlog);
});

test('every caller of a refused entry is told', async (t) => {
  const shard = newShard();
  await prepareShard(redis, shard, 0);
  const submit = createSubmit(redis, shard, { ...generous, maxUnmatched: 2 });
  const answers = await Promise.allSettled([
    submit(places(1)),
    submit([placeCommand()]),
    submit([placeCommand()]),
  ]);
  t.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
});
