import test, { type ExecutionContext } from 'ava';
import type { Redis } from 'ioredis';
import { sql } from 'slonik';
import { clientOidKey, keysOfShard, shardKeys, transferKey } from '../../core/keys.ts';
import { type Command, encodeCommand } from '../../core/wire/commands.ts';
import { match } from '../../matcher/client.ts';
import { type Continuation, decideContinuation, type Wish } from '../../scripts/ops/rebuild/continuation.ts';
import { type Rebuilt, rebuild } from '../../scripts/ops/rebuild/rebuild.ts';
import { Refusal } from '../../scripts/ops/rebuild/refusal.ts';
import { depositCommand, placeCommand, productCommand, transferCommand } from '../support/commands.ts';
import { type Engine, matchAll, openEngine, submitAll } from '../support/engine.ts';
import { addFundedShard, type FundedShard, randomCommands, start } from '../support/funded-shard.ts';
import { assertRecorded } from '../support/recorded.ts';
import { useRedis } from '../support/redis.ts';
import { seed } from '../support/seed.ts';
import { readStored, type Stored } from '../support/stored.ts';
import { until } from '../support/until.ts';
import { persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const productIds = ['A-USD', 'B-USD'];
const twentyYears = 20 * 365 * 24 * 3_600_000;

type Setting = FundedShard & { readonly engine: Engine };

async function setUp(t: ExecutionContext): Promise<Setting> {
  const funded = await addFundedShard(t, newShard());
  return { ...funded, engine: await openEngine(redis, funded.shard, start) };
}

/** Submits, matches and writes, and lets the writer go. */
async function trade({ engine, shard, url, pool }: Setting, commands: readonly Command[]): Promise<void> {
  const writer = await startWriter(url, shard, { commitSize: 700 });
  await submitAll(engine, commands, [1, 40, 300]);
  await matchAll(engine, 60);
  await persistedThrough(pool, shard, Number(await redis.hget(shardKeys(shard).state, 'sequence')));
  await writer.stop();
}

async function keysThereAre(shard: string): Promise<string[]> {
  const found: string[] = [];
  for await (const keys of redis.scanStream({ match: keysOfShard(shard), count: 10_000 }))
    found.push(...(keys as string[]));
  return [...new Set(found)].sort();
}

async function lose(shard: string): Promise<void> {
  await redis.unlink(...(await keysThereAre(shard)));
}

type Overrides = { windowMs?: number; wish?: Partial<Wish>; progress?: () => void; redis?: Redis };

function rebuildAgain({ shard, pool }: Setting, overrides: Overrides = {}): Promise<Rebuilt> {
  const wish: Wish = { found: null, after: 'checkpoint', lost: null, ...overrides.wish };
  return pool.connect((connection) =>
    rebuild({
      ...{ redis, connection, shard },
      windowMs: overrides.windowMs ?? twentyYears,
      decide: async (checkpoint) => decideContinuation(checkpoint, 1_000, wish),
      progress: overrides.progress ?? (() => {}),
    }),
  );
}

/** What must be as it was: all but the streams, and who was given what, which matters for what is not persisted only. */
async function remembered({ engine, shard }: Setting): Promise<Stored & { given: Record<string, string> }> {
  const prefixes = [clientOidKey(shard, 0, '').replace('0:', ''), transferKey(shard, '')];
  const keys = (await keysThereAre(shard)).filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
  const values = await redis.mget(...keys);
  const given = Object.fromEntries(keys.map((key, i) => [key, values[i]!]));
  const stored = await readStored(engine, productIds);
  // That no stop order waits is said by 0 or by nothing.
  const counters = Object.entries(stored.counters).filter(
    ([name, value]) => !name.startsWith('stops:') || value !== '0',
  );
  return { ...stored, counters: Object.fromEntries(counters), given };
}

test('a rebuilt Redis is what it was, and trading goes on as if nothing had been lost', async (t) => {
  t.log(`SEED=${seed}`);
  const setting = await setUp(t);
  const { engine, shard, pool } = setting;
  const commands = randomCommands(seed, 3_000);
  await trade(setting, commands.slice(0, 1_700));
  const before = await remembered(setting);
  t.true(Object.keys(before.orders).length > 50 && Object.keys(before.given).length > 50);
  await lose(shard);
  const rebuilt = await rebuildAgain(setting);
  t.deepEqual(await remembered(setting), before);
  t.like(rebuilt, { sequence: start + 1_700, voided: 0, resubmitted: 0 });
  t.false((await keysThereAre(shard)).includes(shardKeys(shard).rebuild));
  await trade(setting, commands.slice(1_700));
  await assertRecorded(t, { pool, engine, commands, start });
});

test('products come back as they were announced, not as their rows have become', async (t) => {
  const setting = await setUp(t);
  await trade(setting, randomCommands(seed, 300));
  const { products } = await remembered(setting);
  await setting.pool.query(sql.unsafe`update products set status = 'offline' where product_id = 'A-USD'`);
  await lose(setting.shard);
  await rebuildAgain(setting);
  t.deepEqual((await remembered(setting)).products, products);
});

test('ids that were given are remembered for as long as they would have been', async (t) => {
  const setting = await setUp(t);
  const { shard, engine } = setting;
  const windowMs = 60_000;
  const at = (age: number, name: string): Command[] => [
    placeCommand({ clientOid: name, time: Date.now() - age }),
    depositCommand({ transferId: name, time: Date.now() - age }),
  ];
  await trade(setting, [...at(70_000, 'forgotten'), ...at(40_000, 'young'), ...at(-5_000, 'ahead')]);
  await lose(shard);
  await rebuildAgain(setting, { windowMs });
  const timeLeft = async (name: string): Promise<(number | string)[]> => {
    const keys = [clientOidKey(shard, 1, name), transferKey(shard, name)];
    const left = await Promise.all(keys.map((key) => redis.pttl(key)));
    return left.map((ms) => (ms < 0 ? 'none' : Math.ceil(ms / 10_000)));
  };
  t.deepEqual(await timeLeft('forgotten'), ['none', 'none']);
  t.deepEqual(await timeLeft('young'), [2, 2]);
  t.deepEqual(await timeLeft('ahead'), [6, 6]);
  const taken = await submitAll(engine, at(0, 'young'));
  t.deepEqual(taken, [
    { sequence: start + 3, repeated: true },
    { sequence: start + 4, repeated: true },
  ]);
});

test('commands that are submitted again are waited for by those who gave them, and not taken twice', async (t) => {
  const setting = await setUp(t);
  const { shard, engine } = setting;
  await trade(setting, [productCommand()]);
  await lose(shard);
  const time = Date.now();
  const lost = [
    placeCommand({ traderId: 3, clientOid: 'lost', time }),
    transferCommand({ traderId: 4, toTraderId: 5, transferId: 'lost', time }),
  ];
  const found = new Map(lost.map((command, i) => [start + 2 + i, encodeCommand(command)]));
  await rebuildAgain(setting, { wish: { found, lost: 'resubmit' } });
  const [place, transfer] = [start + 2, start + 3].map(String);
  t.deepEqual(await redis.hgetall(shardKeys(shard).written), { 3: place, 4: transfer, 5: transfer });
  const taken = await submitAll(engine, lost);
  t.deepEqual(
    taken.map(({ sequence, repeated }) => [String(sequence), repeated]),
    [
      [place, true],
      [transfer, true],
    ],
  );
  t.is(await matchAll(engine), 2);
});

test('nothing trades on half a rebuild, and the next one starts over', async (t) => {
  const setting = await setUp(t);
  const { engine, shard } = setting;
  await trade(setting, randomCommands(seed, 600));
  const before = await remembered(setting);
  await lose(shard);
  const interrupted = rebuildAgain(setting, {
    progress: () => {
      throw new Error('interrupted');
    },
  });
  await t.throwsAsync(interrupted, { message: 'interrupted' });
  t.true((await redis.hlen(shardKeys(shard).orders)) > 0, 'it was in the middle');
  await t.throwsAsync(submitAll(engine, [placeCommand()]), { message: /^UNPREPARED/ });
  await t.throwsAsync(match(redis, shard, 10), { message: /^UNPREPARED/ });
  await redis.hset(shardKeys(shard).orders, '999', 'of an order that is open no more');
  await rebuildAgain(setting);
  t.deepEqual(await remembered(setting), before);
});

test('a Redis that has anything of the shard is refused and left as it is', async (t) => {
  const setting = await setUp(t);
  const { shard } = setting;
  await trade(setting, randomCommands(seed, 300));
  const before = await remembered(setting);
  await t.throwsAsync(rebuildAgain(setting), {
    instanceOf: Refusal,
    message: /not empty: .* is at sequence/,
  });
  t.deepEqual(await remembered(setting), before);
  await lose(shard);
  await redis.hset(shardKeys(shard).written, '1', '5');
  await t.throwsAsync(rebuildAgain(setting), { instanceOf: Refusal, message: /not empty: .*:written/ });
  t.deepEqual(await keysThereAre(shard), [shardKeys(shard).written]);
});

test('what is said in rooms meanwhile is in nobody’s way, and stays', async (t) => {
  const setting = await setUp(t);
  const { rooms } = shardKeys(setting.shard);
  await trade(setting, randomCommands(seed, 300));
  const before = await remembered(setting);
  await lose(setting.shard);
  await redis.xadd(rooms, '*', 'product', 'A-USD');
  await rebuildAgain(setting);
  t.deepEqual(await remembered(setting), before);
  t.is(await redis.xlen(rooms), 1);
});

test('a rebuild and a writer are not at work at once, and what a writer leaves on an empty Redis is no matter', async (t) => {
  const setting = await setUp(t);
  const { shard, url } = setting;
  const { events, state } = shardKeys(shard);
  await trade(setting, randomCommands(seed, 300));
  const before = await remembered(setting);
  await lose(shard);
  await redis.xgroup('CREATE', events, 'writer', `0-${start + 300}`, 'MKSTREAM');
  await redis.hset(state, 'persisted', start + 300);
  await rebuildAgain(setting);
  t.deepEqual(await remembered(setting), before);

  const writer = await startWriter(url, shard);
  await redis.hdel(state, 'persisted');
  await until(async () => (await redis.hget(state, 'persisted')) !== null, { pauseMs: 5 });
  // On a busy machine it may lose its place for a while; what is in Redis refuses a rebuild then.
  const refusal = () => t.throwsAsync(rebuildAgain(setting), { instanceOf: Refusal });
  await until(async () => /A writer is at work/.test((await refusal()).message));
  await writer.stop();
});

test('lost sequences are void: taken by commands that do nothing, so that the rest goes on behind them', async (t) => {
  const setting = await setUp(t);
  const { engine, shard, pool } = setting;
  const commands = randomCommands(seed, 400);
  await trade(setting, commands);
  await lose(shard);
  const last = start + 400 + 250;
  const rebuilt = await rebuildAgain(setting, { wish: { after: last } });
  t.like(rebuilt, { sequence: last, voided: 250 });
  const more = randomCommands(seed + 1_000_000, 200).map((command) => shifted(command, 650));
  await trade(setting, more);
  const voided = Array.from({ length: 250 }, (_, i): Command => {
    const orderId = start + 401 + i;
    return { kind: 'cancel', traderId: 0, orderId, productId: null, ...rebuilt.voidedBy };
  });
  await assertRecorded(t, { pool, engine, commands: [...commands, ...voided, ...more], start });
  t.is(await redis.hget(shardKeys(shard).written, '0'), null);
});

/** So that it names what it means when it comes after so many others, and ids that were not given yet. */
function shifted(command: Command, by: number): Command {
  if ('orderId' in command) return { ...command, orderId: command.orderId + by };
  if ('transferId' in command) return { ...command, transferId: `later-${command.transferId}` };
  const withOid = command.kind === 'place' && command.clientOid !== null;
  return withOid ? { ...command, clientOid: `later-${command.clientOid}` } : command;
}

const found = new Map([4, 5, 6].map((n) => [n, encodeCommand(placeCommand({ size: n }))]));
const continuations: [string, Partial<Wish>, (Omit<Continuation, 'lines'> & { lines?: number }) | RegExp][] =
  [
    ['nothing said', {}, /is not known/],
    ['none given', { after: 'checkpoint' }, { first: 4, last: 3 }],
    ['given up to before the checkpoint', { after: 1 }, { first: 4, last: 3 }],
    ['given up to 9', { after: 9 }, { first: 4, last: 9 }],
    ['more than there can be', { after: 14 }, /cannot have been given/],
    ['files that show nothing', { found: new Map() }, { first: 4, last: 3 }],
    ['files that show three', { found }, /never saw 3 commands/],
    ['three to give up', { found, lost: 'void' }, { first: 4, last: 6 }],
    ['three to resubmit', { found, lost: 'resubmit' }, { first: 4, last: 6, lines: 3 }],
    ['three to resubmit, and more', { found, lost: 'resubmit', after: 8 }, { first: 4, last: 8, lines: 3 }],
    ['a gap between', { found: without(5), lost: 'resubmit' }, /Sequence 5 is missing/],
    ['a gap before', { found: without(4), lost: 'resubmit' }, /Sequence 4 is missing/],
    ['a gap, to give up', { found: without(5), lost: 'void' }, { first: 4, last: 6 }],
  ];
for (const [title, wish, expected] of continuations) {
  test(`what comes after checkpoint 3: ${title}`, (t) => {
    const decide = (): Continuation =>
      decideContinuation(3, 10, { found: null, after: null, lost: null, ...wish });
    if (expected instanceof RegExp) t.throws(decide, { instanceOf: Refusal, message: expected });
    else {
      const { lines, ...range } = decide();
      t.deepEqual({ ...range, lines: lines.size }, { lines: 0, ...expected });
    }
  });
}

function without(sequence: number): Map<number, string> {
  return new Map([...found].filter(([other]) => other !== sequence));
}
