import test from 'ava';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { createKnown } from '../../core/known.ts';
import type { Command } from '../../core/wire/commands.ts';
import { match } from '../../matcher/client.ts';
import { type Engine, matchAll, openEngine, readEvents, readReports, submitAll } from '../support/engine.ts';
import { commandsOf, drafts, productIds } from '../support/random-commands.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { readStored } from '../support/stored.ts';

const { redis, newShard } = useRedis();

/** The same on every call: some hundreds of commands of all kinds. */
const commands: Command[] = fc
  .sample(drafts, { seed: 44, numRuns: 60 })
  .map((draft) => commandsOf(draft))
  .sort((a, b) => b.length - a.length)[0]!
  .slice(0, 250);

async function snapshot(engine: Engine) {
  return { events: await readEvents(engine), stored: await readStored(engine, productIds) };
}

async function matched(runSize: number): Promise<Engine> {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, commands);
  await matchAll(engine, runSize);
  return engine;
}

test('the same commands in two shards give the same events, byte for byte', async (t) => {
  t.true(commands.length > 100);
  t.deepEqual(await snapshot(await matched(500)), await snapshot(await matched(500)));
});

test('the size of runs changes no byte of the reports', async (t) => {
  const expected = await snapshot(await matched(1));
  for (const runSize of [2, 3, 64, 500]) t.deepEqual(await snapshot(await matched(runSize)), expected);
});

test('two matchers at once do what one does', async (t) => {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, commands, [3]);
  const connections = [new Redis(redisUrl()), new Redis(redisUrl())];
  const applied = await Promise.all(connections.map((own) => matchAll({ ...engine, redis: own }, 3)));
  for (const own of connections) own.disconnect();
  t.is(applied[0]! + applied[1]!, commands.length);
  t.true(Math.min(...applied) > 0, 'both took part');
  t.deepEqual(await snapshot(engine), await snapshot(await matched(500)));
});

test('a run ends with an entry rather than within the next, and goes on within one that is longer', async (t) => {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, commands.slice(0, 70), [10, 10, 50]);
  const applied: number[] = [];
  for (let run = await match(redis, engine.shard, 25); run.applied > 0; ) {
    applied.push(run.applied);
    run = await match(redis, engine.shard, 25);
  }
  t.deepEqual(applied, [20, 25, 25]);
});

test('a run says how far it came, how many commands it applied, and how many wait', async (t) => {
  const engine = await openEngine(redis, newShard(), 40);
  await submitAll(engine, commands.slice(0, 5));
  t.like(await match(redis, engine.shard, 3), { matched: 43, applied: 3, left: 2 });
  t.like(await match(redis, engine.shard, 3), { matched: 45, applied: 2, left: 0 });
  t.like(await match(redis, engine.shard, 3), { matched: 45, applied: 0, left: 0 });
});

test('a run with nothing to do writes nothing', async (t) => {
  const engine = await matched(500);
  const before = await snapshot(engine);
  await match(redis, engine.shard, 500);
  t.deepEqual(await snapshot(engine), before);
});

test('an events entry has the last sequence in it as its id and names its first', async (t) => {
  const engine = await openEngine(redis, newShard(), 40);
  await submitAll(engine, commands.slice(0, 5));
  await matchAll(engine, 3);
  const entries = await redis.xrange(shardKeys(engine.shard).events, '-', '+');
  t.deepEqual(
    entries.map(([id, fields]) => [id, fields[1]]),
    [
      ['0-43', '41'],
      ['0-45', '44'],
    ],
  );
});

test('a shard that was never prepared is refused', async (t) => {
  await t.throwsAsync(match(redis, newShard(), 1), { message: /^UNPREPARED / });
});

/** The entries start at 1, 11, 21, ...; the one that starts at `gone` is deleted. */
async function withGap(gone: number): Promise<Engine> {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, commands, [10]);
  const deleted = await redis.xdel(shardKeys(engine.shard).commands, `0-${gone}`);
  if (deleted !== 1) throw new Error(`no entry starts at ${gone}`);
  return engine;
}

const lastEntry = commands.length - 9;

for (const gone of [1, 11, 51, lastEntry]) {
  test(`a stream that lacks ${gone} stops the run and changes nothing`, async (t) => {
    const engine = await withGap(gone);
    const before = await snapshot(engine);
    // A run with less room than an entry takes would end before it.
    for (const runSize of [gone + 9, gone + 14, 500])
      await t.throwsAsync(match(redis, engine.shard, runSize), {
        message: `GAP the commands stream lacks ${gone}`,
      });
    t.deepEqual(await snapshot(engine), before);
  });
}

test('a run that ends before a gap goes through', async (t) => {
  const engine = await withGap(51);
  t.like(await match(redis, engine.shard, 50), { matched: 50, applied: 50 });
  t.is((await readReports(engine)).length, 50);
  await t.throwsAsync(match(redis, engine.shard, 1), { message: 'GAP the commands stream lacks 51' });
});

test('what is matched already may be trimmed from the stream', async (t) => {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, commands, [7]);
  for (let matched = 0; matched < commands.length; ) {
    ({ matched } = await match(redis, engine.shard, 20));
    // The entry that holds the next sequence stays.
    await redis.xtrim(shardKeys(engine.shard).commands, 'MINID', `0-${matched - (matched % 7) + 1}`);
  }
  t.deepEqual(await snapshot(engine), await snapshot(await matched(500)));
});

test('a Redis that has fewer commands than were matched is refused, and one that has them matches them again', async (t) => {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, commands.slice(0, 50));
  const known = createKnown();
  await match(redis, engine.shard, 30, known);
  const { state } = shardKeys(engine.shard);
  await redis.hset(state, 'sequence', 29);
  await t.throwsAsync(match(redis, engine.shard, 30, known), {
    message: 'BEHIND Redis has sequences up to 29, and had matched 30',
  });
  await redis.hset(state, 'sequence', 50);
  t.like(await match(redis, engine.shard, 30, known), { matched: 50, applied: 20 });
});
