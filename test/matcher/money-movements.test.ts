import test from 'ava';
import { Redis } from 'ioredis';
import { accountKey, shardKeys, transferKey } from '../../core/keys.ts';
import { createSubmit } from '../../matcher/client.ts';
import {
  depositCommand,
  oneToOne,
  placeCommand,
  productCommand,
  transferCommand,
  withdrawCommand,
} from '../support/commands.ts';
import {
  type Engine,
  generous,
  matchAll,
  openEngine,
  play,
  readReports,
  submitAll,
} from '../support/engine.ts';
import { assertSound } from '../support/money-invariants.ts';
import { scenarios } from '../support/plays.ts';
import { redisUrl, useRedis } from '../support/redis.ts';
import { readStored } from '../support/stored.ts';

const plays = scenarios();
const { redis, newShard } = useRedis();

const usd = (traderId: number, available: number) => ({ traderId, currency: 'USD', available, hold: 0 });
const stored = ({ shard }: Engine, traderId: number) => redis.hgetall(accountKey(shard, traderId));

test(
  'a deposit comes from the system, whose account is below zero by what all others have',
  plays,
  `
  1 ann deposit 100 USD  | ok, system -100 USD, ann 100 USD
  2 bob deposit 7 USD    | ok, system -107 USD, bob 7 USD
  3 bob deposit 3 CARD   | ok, system -3 CARD, bob 3 CARD
`,
);

test(
  'a withdrawal takes all that is available and not one unit of what is on hold',
  plays,
  `
  1 ann buy 1 @ 0.40    | 1 open 1, ann 60+40 USD
  2 ann withdraw 61 USD | refused insufficient_funds
  3 ann withdraw 60 USD | ok, ann 0+40 USD, system -40 USD
  4 ann withdraw 1 USD  | refused insufficient_funds
  5 ann cancel 1        | 1 canceled 1, ann 40 USD
  6 ann withdraw 40 USD | ok, ann 0 USD, system 0 USD
`,
  { purse: 'ann 100 USD' },
);

test(
  'a transfer takes all that is available and not one unit of what is on hold',
  plays,
  `
  1 ann sell 1 @ 0.40           | 1 open 1, ann 2+1 CARD
  2 ann transfer 3 CARD to bob  | refused insufficient_funds
  3 ann transfer 2 CARD to bob  | ok, ann 0+1 CARD, bob 2 CARD
  4 bob transfer 1 CARD to bob  | ok, bob 2 CARD
  5 bob transfer 3 CARD to bob  | refused insufficient_funds
`,
  { purse: 'ann 3 CARD' },
);

test(
  'who has nothing can neither withdraw nor transfer, in a currency that nobody has either',
  plays,
  `
  1 ann withdraw 1 USD         | refused insufficient_funds
  2 ann transfer 1 USD to bob  | refused insufficient_funds
  3 ann withdraw 1 GOLD        | refused insufficient_funds
`,
  { purse: 'bob 9 USD' },
);

test(
  'deposits stop where the system would be short of more than integers reach',
  plays,
  `
  1 ann deposit 9007199254740990 USD  | ok, system -9007199254740990 USD, ann 9007199254740990 USD
  2 bob deposit 2 USD                 | refused insufficient_funds
  3 bob deposit 1 USD                 | ok, system -9007199254740991 USD, bob 1 USD
  4 bob deposit 1 USD                 | refused insufficient_funds
  5 bob deposit 1 CARD                | ok, system -1 CARD, bob 1 CARD
  6 system transfer 1 USD to bob      | refused insufficient_funds
  7 ann transfer 9007199254740990 USD to bob | ok, ann 0 USD, bob 9007199254740991 USD
  8 bob withdraw 9007199254740991 USD | ok, bob 0 USD, system 0 USD
`,
);

test('a movement with a transfer id that was taken before moves nothing and answers with the first sequence', async (t) => {
  const engine = await openEngine(redis, newShard());
  await play(engine, [depositCommand({ amount: 70 })]);
  const again = [
    depositCommand({ amount: 70 }),
    depositCommand({ amount: 9, traderId: 2 }),
    withdrawCommand({ amount: 5 }),
    transferCommand({ amount: 5 }),
  ];
  t.deepEqual(
    await submitAll(engine, again),
    again.map(() => ({ sequence: 1, repeated: true })),
  );
  t.is(await matchAll(engine), 0);
  t.deepEqual(await stored(engine, 1), { 'USD:available': '70', 'USD:hold': '0' });
  t.deepEqual(await stored(engine, 2), {});
});

test('repeats within one call move money once', async (t) => {
  const engine = await openEngine(redis, newShard());
  const other = depositCommand({ amount: 1, transferId: 't-2' });
  const deposit = depositCommand({ amount: 70 });
  const taken = await submitAll(engine, [deposit, deposit, other, deposit]);
  t.deepEqual(
    taken.map(({ sequence }) => sequence),
    [1, 1, 2, 1],
  );
  await matchAll(engine);
  t.like(await stored(engine, 1), { 'USD:available': '71' });
});

test('a transfer id stays with a movement that was refused', async (t) => {
  const engine = await openEngine(redis, newShard());
  await play(engine, [withdrawCommand({ amount: 5 })]);
  const [repeat] = await submitAll(engine, [
    withdrawCommand({ amount: 5 }),
    depositCommand({ amount: 5, transferId: 't-2' }),
  ]);
  t.deepEqual(repeat, { sequence: 1, repeated: true });
  await matchAll(engine);
  t.like(await stored(engine, 1), { 'USD:available': '5' });
});

test('a transfer id is remembered for its window, and is not a client order id', async (t) => {
  const { shard } = await openEngine(redis, newShard());
  const submit = createSubmit(redis, shard, generous);
  const order = placeCommand({ clientOid: 'same' });
  const deposit = depositCommand({ transferId: 'same' });
  const taken = await submit([order, deposit, order, deposit]);
  t.deepEqual(
    taken.map(({ sequence }) => sequence),
    [1, 2, 1, 2],
  );
  const left = await redis.pttl(transferKey(shard, 'same'));
  t.true(left > 0 && left <= generous.clientOidWindowMs);
});

test('a transfer counts as written by both of its traders, a deposit by the one who gets it', async (t) => {
  const { shard } = await openEngine(redis, newShard());
  await createSubmit(
    redis,
    shard,
    generous,
  )([
    depositCommand({ traderId: 5, transferId: 'a' }),
    transferCommand({ traderId: 5, toTraderId: 6, transferId: 'b' }),
    withdrawCommand({ traderId: 7, transferId: 'c' }),
  ]);
  t.deepEqual(await redis.hgetall(shardKeys(shard).written), { 5: '3', 6: '3', 7: '3' });
});

test('of 200 withdrawals of the last coin at once exactly one succeeds', async (t) => {
  const engine = await openEngine(redis, newShard());
  await play(engine, [depositCommand()]);
  const connections = Array.from({ length: 10 }, () => new Redis(redisUrl()));
  const attempts = Array.from({ length: 200 }, (_, i) => withdrawCommand({ transferId: `out-${i}` }));
  await Promise.all([
    ...attempts.map((attempt, i) =>
      createSubmit(
        connections[i % 10]!,
        engine.shard,
        generous,
      )([attempt]).then(() => matchAll({ ...engine, redis: connections[i % 7]! }, 3)),
    ),
  ]);
  for (const own of connections) own.disconnect();
  const reports = (await readReports(engine)).slice(1);
  t.is(reports.length, 200);
  const paid = reports.filter(({ rejectReason }) => rejectReason === null);
  t.deepEqual(
    paid.map(({ accounts }) => accounts),
    [[usd(1, 0), usd(0, 0)]],
  );
  t.true(reports.every((report) => paid.includes(report) || report.rejectReason === 'insufficient_funds'));
  t.deepEqual(await stored(engine, 1), { 'USD:available': '0', 'USD:hold': '0' });
  assertSound(await readStored(engine, []));
});

test('of 100 orders and 100 withdrawals for the same money only as many succeed as it pays for', async (t) => {
  const engine = await openEngine(redis, newShard());
  await play(engine, [productCommand({ funding: oneToOne }), depositCommand({ amount: 1_000 })]);
  const attempts = Array.from({ length: 200 }, (_, i) =>
    i % 2 === 0 ? placeCommand({ price: 90 }) : withdrawCommand({ amount: 70, transferId: `out-${i}` }),
  );
  await Promise.all(
    attempts.map((attempt) =>
      createSubmit(redis, engine.shard, generous)([attempt]).then(() => matchAll(engine, 2)),
    ),
  );
  const reports = (await readReports(engine)).slice(2);
  const spent = reports
    .filter(({ rejectReason }) => rejectReason === null)
    .map(({ command }) => (command.kind === 'place' ? 90 : 70));
  const total = spent.reduce((sum, amount) => sum + amount, 0);
  t.true(total <= 1_000 && total > 1_000 - 70, `${total} of 1000`);
  assertSound(await readStored(engine, ['A-USD']));
});
