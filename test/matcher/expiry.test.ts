import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { match, usualRunSteps } from '../../matcher/client.ts';
import {
  cancelCommand,
  depositCommand,
  oneToOne,
  placeCommand,
  productCommand,
  timeCommand,
} from '../support/commands.ts';
import { matchAll, openEngine, readEvents, readReports, submitAll } from '../support/engine.ts';
import { applyAllNaively, newNaiveExchange } from '../support/naive-book.ts';
import { useRedis } from '../support/redis.ts';
import { readStored, storedFor } from '../support/stored.ts';

const { redis, newShard } = useRedis();
const rules = { ...productCommand().rules, maxMakers: 90 };
const until = 1_000;

/** A hundred orders whose time has come, some of which stand at one time, and one whose has not. */
const expiring = Array.from({ length: 100 }, (_, i) =>
  placeCommand({
    ...{ traderId: 1 + (i % 3), price: 400 + (i % 7), timeInForce: 'GTT', expireTime: 1 + ((i * 37) % 60) },
    ...(i % 5 === 0 ? { stop: 'entry', stopPrice: 900 } : {}),
  }),
);
const commands = [
  productCommand({ funding: oneToOne, rules }),
  ...[1, 2, 3].map((traderId) => depositCommand({ traderId, amount: 50_000, transferId: `t-${traderId}` })),
  ...expiring,
  placeCommand({ price: 300, timeInForce: 'GTT', expireTime: until + 1 }),
  timeCommand({ until }),
  placeCommand({ price: 450, size: 2 }),
  timeCommand({ until }),
  cancelCommand({ orderId: 105 }),
];

test('expiry is the same however many runs it takes, and no command comes between', async (t) => {
  const naive = newNaiveExchange();
  const expected = applyAllNaively(naive, commands);
  const left = expected.map(
    ({ events }) => events.filter(({ kind }) => kind === 'done' || kind === 'leave').length,
  );
  t.deepEqual(
    left.filter((count) => count > 0),
    [90, 10, 1],
  );
  const texts = [];
  for (const steps of [1_000_000, 100, 5]) {
    const engine = await openEngine(redis, newShard());
    await submitAll(engine, commands, [40]);
    let unfinished = 0;
    for (;;) {
      const run = await match(redis, engine.shard, { size: 1_000, steps });
      if (run.applied === 0 && run.steps === 0) break;
      if (await redis.hexists(shardKeys(engine.shard).state, 'cascade')) unfinished++;
    }
    t.is(unfinished > 5, steps < 1_000);
    t.is(await redis.exists(shardKeys(engine.shard).cascade), 0);
    t.deepEqual(await readReports(engine), expected);
    t.deepEqual(await readStored(engine, ['A-USD'], [0, 1, 2, 3]), storedFor(naive, commands.length, 0));
    texts.push(await readEvents(engine));
  }
  t.is(new Set(texts).size, 1);
});

test('thousands of orders whose time has come leave room for others', async (t) => {
  const count = 2_500;
  const engine = await openEngine(redis, newShard());
  const orders = Array.from({ length: count }, () => placeCommand({ timeInForce: 'GTT', expireTime: 1 }));
  await submitAll(engine, [productCommand(), ...orders]);
  await matchAll(engine, 1_000);
  await submitAll(engine, [timeCommand({ until })]);
  const ran: number[] = [];
  for (;;) {
    const { applied, steps } = await match(redis, engine.shard, 1_000);
    if (applied === 0 && steps === 0) break;
    ran.push(steps);
  }
  // An order counts as 12 as it leaves, and as 1 each time that it is looked at.
  t.is(ran.length, 3);
  t.true(Math.max(...ran) < usualRunSteps + 12 + 1_000, `${Math.max(...ran)} steps`);
  t.is((await readReports(engine)).at(-1)!.events.length, count);
});
