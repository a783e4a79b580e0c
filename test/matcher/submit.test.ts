import { setImmediate as nextTurn } from 'node:timers/promises';
import test from 'ava';
import { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { createKnown } from '../../core/known.ts';
import { encodeCommand } from '../../core/wire/commands.ts';
import {
  createSubmit,
  mostCommandsAnEntry,
  prepareShard,
  type Submit,
  SubmitError,
  type Taken,
} from '../../matcher/client.ts';
import { amendCommand, cancelCommand, placeCommand, productCommand } from '../support/commands.ts';
import { generous } from '../support/engine.ts';
import { redisUrl, useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();

async function prepared(from = 0): Promise<{ shard: string; submit: Submit }> {
  const shard = newShard();
  await prepareShard(redis, shard, from);
  return { shard, submit: createSubmit(redis, shard, generous) };
}

/** The stream as pairs of stream id and lines. */
async function entries(shard: string): Promise<[string, string[]][]> {
  const found = await redis.xrange(shardKeys(shard).commands, '-', '+');
  return found.map(([id, fields]) => [id, fields[1]!.split('\n')]);
}

const sequences = (taken: readonly Taken[]): number[] => taken.map(({ sequence }) => sequence);
const places = (count: number, traderId = 1) =>
  Array.from({ length: count }, () => placeCommand({ traderId }));

test('commands take the next sequences in order, and the entry has the first as its id', async (t) => {
  const { shard, submit } = await prepared(40);
  const commands = [placeCommand(), cancelCommand({ orderId: 41 }), productCommand()];
  t.deepEqual(sequences(await submit(commands)), [41, 42, 43]);
  t.deepEqual(sequences(await submit([placeCommand()])), [44]);
  t.deepEqual(await entries(shard), [
    ['0-41', commands.map(encodeCommand)],
    ['0-44', [encodeCommand(placeCommand())]],
  ]);
});

test('sequences keep all their digits near 2^53', async (t) => {
  const from = 2 ** 53 - 100;
  const { shard, submit } = await prepared(from);
  t.deepEqual(sequences(await submit(places(3))), [from + 1, from + 2, from + 3]);
  t.deepEqual(sequences(await submit(places(1))), [from + 4]);
  t.deepEqual(
    (await entries(shard)).map(([id]) => id),
    ['0-9007199254740893', '0-9007199254740896'],
  );
});

test('what is submitted in one turn shares an entry, in the order of the calls', async (t) => {
  const { shard, submit } = await prepared();
  const calls = [submit(places(2)), submit([]), submit(places(1, 7)), submit(places(3))];
  t.deepEqual((await Promise.all(calls)).map(sequences), [[1, 2], [], [3], [4, 5, 6]]);
  t.deepEqual(
    (await entries(shard)).map(([id, lines]) => [id, lines.length]),
    [['0-1', 6]],
  );
});

test('what comes while a call is under way shares the next entry, and a full one does not wait', async (t) => {
  const { shard } = await prepared();
  const own = new Redis(redisUrl());
  const submit = createSubmit(own, shard, generous);
  const inTurns = async (sizes: readonly number[]): Promise<Promise<Taken[]>[]> => {
    const calls: Promise<Taken[]>[] = [];
    for (const size of sizes) {
      calls.push(submit(places(size)));
      await nextTurn();
    }
    return calls;
  };
  const most = mostCommandsAnEntry;
  const held = own.blpop(`${shard}:held`, 30); // Redis answers nothing on the connection meanwhile
  const calls = await inTurns([1, 2, 3, most, 4, 5]);
  await redis.rpush(`${shard}:held`, 'go on');
  await held;
  const taken = await Promise.all(calls);
  own.disconnect();
  t.deepEqual(
    taken.map((each) => each[0]!.sequence),
    [1, 2, 4, 7, most + 7, most + 11],
  );
  t.deepEqual(
    (await entries(shard)).map(([id, lines]) => [id, lines.length]),
    [
      ['0-1', 1],
      ['0-2', 5],
      ['0-7', most],
      [`0-${most + 7}`, 9],
    ],
  );
});

test('a batch is not spread over entries', async (t) => {
  const { shard, submit } = await prepared();
  const most = mostCommandsAnEntry;
  const calls = await Promise.all([
    submit(places(10)),
    submit(places(most)),
    submit(places(most - 10)),
    submit(places(10)),
  ]);
  t.deepEqual(
    calls.map((taken) => taken[0]!.sequence),
    [1, 11, most + 11, 2 * most + 1],
  );
  t.deepEqual(
    (await entries(shard)).map(([id, lines]) => [id, lines.length]),
    [
      ['0-1', 10],
      ['0-11', most],
      [`0-${most + 11}`, most],
    ],
  );
});

test('20 submitters on connections of their own leave no gap, and each batch stays together', async (t) => {
  const { shard } = await prepared();
  const connections = Array.from({ length: 20 }, () => new Redis(redisUrl()));
  const taken: number[][] = [];
  const work = async (own: Redis, traderId: number): Promise<void> => {
    const submit = createSubmit(own, shard, generous);
    for (let i = 0; i < 10; i++)
      taken.push(sequences(await submit(places(1 + ((traderId + i) % 5), traderId))));
  };
  await Promise.all(connections.map((own, i) => work(own, i + 1)));
  for (const own of connections) own.disconnect();
  for (const batch of taken)
    t.deepEqual(
      batch,
      batch.map((_, i) => batch[0]! + i),
    );
  const all = taken.flat().sort((a, b) => a - b);
  t.deepEqual(
    all,
    all.map((_, i) => i + 1),
  );
  t.is(all.length, 600);
  t.is(await redis.hget(shardKeys(shard).state, 'sequence'), '600');
  t.is((await entries(shard)).flatMap(([, lines]) => lines).length, 600);
});

test('written holds for every trader that submitted the last sequence of its call', async (t) => {
  const { shard, submit } = await prepared();
  await submit([
    placeCommand({ traderId: 5 }),
    cancelCommand({ traderId: 6 }),
    placeCommand({ traderId: 5 }),
    productCommand(),
  ]);
  await submit([amendCommand({ traderId: 7 })]);
  t.deepEqual(await redis.hgetall(shardKeys(shard).written), { 5: '4', 6: '4', 7: '5' });
});

test('a thousand traders in one call are all written', async (t) => {
  const { shard, submit } = await prepared();
  await submit(places(1_000).map((place, i) => ({ ...place, traderId: i + 1 })));
  t.is(await redis.hlen(shardKeys(shard).written), 1_000);
  t.is(await redis.hget(shardKeys(shard).written, '1000'), '1000');
});

test('a shard that was never prepared takes nothing', async (t) => {
  const shard = newShard();
  const error = await t.throwsAsync(createSubmit(redis, shard, generous)(places(1)), {
    message: /^UNPREPARED /,
  });
  t.like(error, { name: 'SubmitError', certain: true, backlog: false });
  t.deepEqual(await entries(shard), []);
});

test('preparing a shard in use changes nothing', async (t) => {
  const { shard, submit } = await prepared(40);
  await submit(places(2));
  await prepareShard(redis, shard, 7);
  t.deepEqual(await redis.hgetall(shardKeys(shard).state), {
    sequence: '42',
    matched: '40',
    persisted: '40',
  });
});

test('a Redis that has less than the caller has seen takes nothing, and says BEHIND', async (t) => {
  const { shard, submit } = await prepared(40);
  await submit(places(5));
  await redis.hset(shardKeys(shard).state, 'sequence', 44);
  const before = await entries(shard);
  const error = await t.throwsAsync(submit(places(1)), { instanceOf: SubmitError });
  t.is(error.message, 'BEHIND Redis has sequences up to 44, and had given 45');
  t.true(error.behind && error.certain);
  t.deepEqual(await entries(shard), before);
  await redis.hset(shardKeys(shard).state, 'sequence', 45);
  t.deepEqual(sequences(await submit(places(1))), [46]);
});

test('what one process has seen by other ways counts as well', async (t) => {
  const { shard } = await prepared(40);
  const known = createKnown();
  const submit = createSubmit(redis, shard, generous, known);
  t.deepEqual(sequences(await submit(places(1))), [41]);
  known.reaches(42);
  await t.throwsAsync(submit(places(1)), { message: /^BEHIND / });
});
