import test from 'ava';
import { Redis } from 'ioredis';
import { clientOidKey, shardKeys } from '../../core/keys.ts';
import { createSubmit, prepareShard, type Submit } from '../../matcher/client.ts';
import { batchCommand, cancelCommand, placeCommand } from '../support/commands.ts';
import { generous } from '../support/engine.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';

const { redis, newShard } = useRedis();

async function prepared(): Promise<{ shard: string; submit: Submit }> {
  const shard = newShard();
  await prepareShard(redis, shard, 0);
  return { shard, submit: createSubmit(redis, shard, generous) };
}

const named = (clientOid: string, traderId = 1) => placeCommand({ clientOid, traderId });
const taken = (sequence: number) => ({ sequence, repeated: false });
const repeated = (sequence: number) => ({ sequence, repeated: true });

test('a client order id that was taken before answers with its first sequence', async (t) => {
  const { shard, submit } = await prepared();
  t.deepEqual(await submit([named('a')]), [taken(1)]);
  t.deepEqual(await submit([named('a')]), [repeated(1)]);
  t.is(await redis.xlen(shardKeys(shard).commands), 1);
  t.is(await redis.hget(shardKeys(shard).state, 'sequence'), '1');
});

test('repeats within one call are taken once', async (t) => {
  const { submit } = await prepared();
  t.deepEqual(await submit([named('a'), placeCommand(), named('a'), named('b'), named('a')]), [
    taken(1),
    taken(2),
    repeated(1),
    taken(3),
    repeated(1),
  ]);
});

test('commands between repeats follow on without a gap', async (t) => {
  const { shard, submit } = await prepared();
  await submit([named('a'), named('b')]);
  const answer = await submit([named('b'), placeCommand(), named('a'), cancelCommand(), named('c')]);
  t.deepEqual(answer, [repeated(2), taken(3), repeated(1), taken(4), taken(5)]);
  const entry = (await redis.xrange(shardKeys(shard).commands, '0-3', '+'))[0]!;
  t.is(entry[0], '0-3');
  t.deepEqual(
    entry[1][1]!.split('\n').map((line) => line.split(' ')[0]),
    ['place', 'cancel', 'place'],
  );
});

test('requests of one turn that repeat each other get the sequence of the first', async (t) => {
  const { submit } = await prepared();
  t.deepEqual(await Promise.all([submit([named('a')]), submit([named('a')])]), [[taken(1)], [repeated(1)]]);
});

test("a client order id is its trader's own", async (t) => {
  const { submit } = await prepared();
  t.deepEqual(await submit([named('a', 1), named('a', 2), named('a', 1)]), [taken(1), taken(2), repeated(1)]);
});

test('a repeat leaves what is written of its trader as it is', async (t) => {
  const { shard, submit } = await prepared();
  await submit([named('a'), placeCommand()]);
  await submit([named('a')]);
  t.deepEqual(await redis.hgetall(shardKeys(shard).written), { 1: '2' });
});

test('a client order id is remembered for its window and for no longer', async (t) => {
  const { shard } = await prepared();
  const windowMs = 1_000;
  const submit = createSubmit(redis, shard, { ...generous, clientOidWindowMs: windowMs });
  await submit([named('a')]);
  const key = clientOidKey(shard, 1, 'a');
  const left = await redis.pttl(key);
  t.true(left > 0 && left <= windowMs, `${left} ms are left`);
  await until(async () => (await redis.exists(key)) === 0);
  t.deepEqual(await submit([named('a')]), [taken(2)]);
});

test('the same client order ids from ten connections at once are taken once each', async (t) => {
  const { shard } = await prepared();
  const connections = Array.from({ length: 10 }, () => new Redis(redisUrl()));
  const ids = Array.from({ length: 30 }, (_, i) => `id-${i}`);
  const answers = await Promise.all(
    connections.map(async (own, i) => {
      const submit = createSubmit(own, shard, generous);
      const order = [...ids.slice(i * 3), ...ids.slice(0, i * 3)];
      const found = await Promise.all(order.map((id) => submit([named(id)])));
      return new Map(order.map((id, at) => [id, found[at]![0]!]));
    }),
  );
  for (const own of connections) own.disconnect();
  for (const id of ids) {
    const given = answers.map((answer) => answer.get(id)!);
    t.is(new Set(given.map(({ sequence }) => sequence)).size, 1, `${id} has one sequence`);
    t.is(given.filter(({ repeated }) => !repeated).length, 1, `${id} was taken once`);
  }
  t.is(await redis.hget(shardKeys(shard).state, 'sequence'), '30');
});

const batchOf = (...orders: ReturnType<typeof placeCommand>[]) => [
  batchCommand({ count: orders.length }),
  ...orders,
];
const none = repeated(0);

test('a batch is repeated whole, with the sequences that its orders were given', async (t) => {
  const { shard, submit } = await prepared();
  t.deepEqual(await submit(batchOf(named('a'), named('b'))), [taken(1), taken(2), taken(3)]);
  t.deepEqual(await submit(batchOf(named('a'), named('b'))), [repeated(2), repeated(2), repeated(3)]);
  t.is(await redis.hget(shardKeys(shard).state, 'sequence'), '3');
});

test('of a batch that is partly a repeat nothing is taken, and its other ids are not used up', async (t) => {
  const { submit } = await prepared();
  await submit([named('a')]);
  for (const orders of [
    [named('b'), named('a')],
    [named('a'), placeCommand()],
    [named('b'), placeCommand(), named('b')],
  ])
    t.deepEqual(await submit(batchOf(...orders)), [none, ...orders.map(() => none)]);
  t.deepEqual(await submit([named('b')]), [taken(2)]);
});

test('what is around batches in one call keeps its order, whichever are taken', async (t) => {
  const { shard, submit } = await prepared();
  await submit([named('a')]);
  const answers = await Promise.all([
    submit([named('x'), placeCommand()]),
    submit(batchOf(named('a'), named('y'))),
    submit([named('y'), named('x')]),
    submit(batchOf(placeCommand(), named('z'))),
    submit(batchOf(named('z'))),
    submit([cancelCommand(), named('a')]),
  ]);
  t.deepEqual(answers, [
    [taken(2), taken(3)],
    [none, none, none],
    [taken(4), repeated(2)],
    [taken(5), taken(6), taken(7)],
    [repeated(7), repeated(7)],
    [taken(8), repeated(1)],
  ]);
  const [entry] = await redis.xrange(shardKeys(shard).commands, '0-2', '+');
  t.deepEqual(
    entry![1][1]!.split('\n').map((line) => line.split(' ')[0]),
    ['place', 'place', 'place', 'batch', 'place', 'place', 'cancel'],
  );
});
