import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { noRules, selfTradePreventions } from '../../core/product.ts';
import type { Command, Place } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';
import { match } from '../../matcher/client.ts';
import {
  amendCommand,
  cancelCommand,
  depositCommand,
  oneToOne,
  placeCommand,
  productCommand,
} from '../support/commands.ts';
import { openEngine, play, readReports, submitAll } from '../support/engine.ts';
import { assertSound } from '../support/money-invariants.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';
import { commandsOf, drafts, productIds } from '../support/random-commands.ts';
import { useRedis } from '../support/redis.ts';
import { seed } from '../support/seed.ts';
import { readStored, type Stored, storedFor } from '../support/stored.ts';

const { redis, newShard } = useRedis();
const most = Number.MAX_SAFE_INTEGER;

const funded = (quoteUnits: number, baseUnits = 1): Command =>
  productCommand({ funding: { ...oneToOne, baseUnits, quoteUnits } });
const purse = (traderId: number, currency: string, amount: number): Command =>
  depositCommand({ traderId, currency, amount, transferId: `${traderId}-${currency}` });

/** Plays the commands on a shard of their own and on the naive exchange, which counts in integers of any size. */
async function played(commands: readonly Command[]): Promise<{ reports: Report[]; stored: Stored }> {
  const naive = newNaiveExchange();
  const expected = commands.map((command) => applyNaively(naive, command));
  const engine = await openEngine(redis, newShard());
  const reports = await play(engine, commands);
  const stored = await readStored(engine, ['A-USD']);
  assert.deepEqual(reports, expected);
  assert.deepEqual(stored, storedFor(naive, commands.length, 0));
  assertSound(stored);
  return { reports, stored };
}

test('the dearest order there can be is held, paid and released to the last unit', async (t) => {
  // 6361 × 69431 × 20394401 = 2^53 - 1
  const [quoteUnits, price, size] = [6_361, 69_431, 20_394_401];
  const order = { price, size } as const;
  const { reports } = await played([
    funded(quoteUnits, 441_650_591),
    purse(1, 'USD', most),
    purse(2, 'CARD', most),
    placeCommand(order),
    cancelCommand({ orderId: 4 }),
    placeCommand(order),
    placeCommand({ traderId: 2, side: 'sell', price, size: 1 }),
    placeCommand({ traderId: 2, side: 'sell', price, size: size - 1 }),
    placeCommand({ price: 1 }),
  ]);
  t.deepEqual(reports[3]!.accounts, [{ traderId: 1, currency: 'USD', available: 0, hold: most }]);
  t.deepEqual(reports[4]!.accounts, [{ traderId: 1, currency: 'USD', available: most, hold: 0 }]);
  t.like(reports[6]!.accounts[1], { traderId: 1, available: 0, hold: most - quoteUnits * price });
  t.like(reports[7]!.accounts[1], { traderId: 1, available: 0, hold: 0 });
  t.like(reports[7]!.accounts[2], { traderId: 2, currency: 'USD', available: most, hold: 0 });
  t.is(reports[8]!.rejectReason, 'insufficient_funds');
});

const nearTheTop = fc
  .record({
    price: fc.integer({ min: 1, max: 1_000_000 }),
    quoteUnits: fc.integer({ min: 1, max: 1_000 }),
    lower: fc.nat(1_000),
    part: fc.integer({ min: 1, max: 999 }),
  })
  .map(({ price, quoteUnits, lower, part }) => {
    const size = Math.floor(most / (price * quoteUnits));
    return {
      price,
      quoteUnits,
      size,
      lower: Math.min(lower, price - 1),
      part: Math.ceil((size / 1_000) * part),
    };
  });

test('orders that cost nearly 2^53 units trade, shrink and end without losing one', async (t) => {
  t.log(`SEED=${seed}`);
  const property = fc.asyncProperty(nearTheTop, async ({ price, quoteUnits, size, lower, part }) => {
    await played([
      funded(quoteUnits),
      purse(1, 'USD', most),
      purse(2, 'CARD', most),
      placeCommand({ traderId: 2, side: 'sell', price: price - lower, size: part }),
      placeCommand({ price, size }),
      amendCommand({ orderId: 5, size: Math.max(part + 1, size - 1) }),
      placeCommand({ traderId: 2, side: 'sell', price, size: Math.max(1, part - 1) }),
      placeCommand({ traderId: 2, side: 'sell', price: null, size, timeInForce: 'IOC' }),
      cancelCommand({ orderId: 5 }),
    ]);
  });
  await fc.assert(property, { numRuns: 25, seed });
  t.pass();
});

test('fees of the largest orders are exact, however they are cut, and those of a thousand fills come to one', async (t) => {
  t.log(`SEED=${seed}`);
  const rate = fc.integer({ min: 1, max: 100_000 });
  const property = fc.asyncProperty(nearTheTop, rate, rate, async (order, makerFee, takerFee) => {
    const { price, quoteUnits, lower } = order;
    const rules = { ...noRules, makerFee, takerFee };
    const size = Math.max(1, Math.floor(order.size / 1.2));
    const part = Math.max(1, Math.floor(size / 3));
    await played([
      productCommand({ funding: { ...oneToOne, quoteUnits }, rules }),
      purse(1, 'USD', most),
      purse(2, 'CARD', most),
      placeCommand({ traderId: 2, side: 'sell', price: price - lower, size: part }),
      placeCommand({ price, size }),
      placeCommand({ traderId: 2, side: 'sell', price, size: Math.max(1, part - 1) }),
      amendCommand({ orderId: 5, size: Math.max(1, size - 1) }),
      placeCommand({ traderId: 2, side: 'sell', price: null, size, timeInForce: 'IOC' }),
      cancelCommand({ orderId: 5 }),
      placeCommand({ price: null, size: null, funds: Math.floor(most / quoteUnits / 4), timeInForce: 'IOC' }),
    ]);
  });
  await fc.assert(property, { numRuns: 25, seed });
  const rules = { ...noRules, makerFee: 3_333, takerFee: 1 };
  const one = placeCommand({ traderId: 2, side: 'sell', price: 1, size: 1 });
  const { reports } = await played([
    productCommand({ funding: oneToOne, rules }),
    purse(1, 'USD', 1_004),
    purse(2, 'CARD', 1_000),
    placeCommand({ price: 1, size: 1_000 }),
    ...Array.from({ length: 1_000 }, () => one),
  ]);
  t.like(reports[3]!.accounts[0], { available: 0, hold: 1_004 });
  t.like(reports.at(-1)!.accounts[1], { traderId: 1, currency: 'USD', available: 0, hold: 0 });
});

const ask = fc.record({
  traderId: fc.integer({ min: 1, max: 3 }),
  price: fc.integer({ min: 1, max: 9 }),
  size: fc.integer({ min: 1, max: 9 }),
});
const bought = fc.record({
  asks: fc.array(ask, { minLength: 1, maxLength: 12 }),
  size: fc.integer({ min: 1, max: 60 }),
  selfTradePrevention: fc.constantFrom(...selfTradePreventions),
  quoteUnits: fc.constantFrom(1, 7),
});

test('a market buy by size takes exactly what it pays: one unit less and it is refused', async (t) => {
  t.log(`SEED=${seed}`);
  const property = fc.asyncProperty(bought, async ({ asks, size, selfTradePrevention, quoteUnits }) => {
    const book = [
      funded(quoteUnits),
      ...[1, 2, 3].map((traderId) => purse(traderId, 'CARD', 1_000)),
      ...asks.map((ask) => placeCommand({ ...ask, side: 'sell' })),
    ];
    const buy: Place = placeCommand({ price: null, size, timeInForce: 'IOC', selfTradePrevention });
    const buyWith = async (amount: number): Promise<Report> =>
      (await played([...book, ...(amount > 0 ? [purse(1, 'USD', amount)] : []), buy])).reports.at(-1)!;
    const rich = await buyWith(1_000_000);
    const paid =
      rich.events.reduce((sum, e) => sum + (e.kind === 'match' ? e.price * e.size : 0), 0) * quoteUnits;
    if (paid === 0) return;
    assert.deepEqual((await buyWith(paid)).events, rich.events);
    assert.equal((await buyWith(paid - 1)).rejectReason, 'insufficient_funds');
  });
  await fc.assert(property, { numRuns: 25, seed });
  t.pass();
});

test('a command that is refused leaves every balance, order and book as it was', async (t) => {
  t.log(`SEED=${seed}`);
  let refused = 0;
  const property = fc.asyncProperty(drafts, async (drafts) => {
    const { reports, states } = await playedOneByOne(commandsOf(drafts));
    for (const [i, { sequence, rejectReason, accounts }] of reports.entries()) {
      if (rejectReason === null || i === 0) continue;
      refused++;
      assert.deepEqual(accounts, []);
      const before = states[i - 1]!;
      const counters = { ...before.counters, matched: String(sequence) };
      assert.deepEqual(withoutZeros(states[i]!), withoutZeros({ ...before, counters }));
    }
  });
  await fc.assert(property, { numRuns: 15, seed });
  t.true(refused > 20, `${refused} were refused`);
});

/** The reports of the commands, and what Redis holds after each. */
async function playedOneByOne(
  commands: readonly Command[],
): Promise<{ reports: Report[]; states: Stored[] }> {
  const engine = await openEngine(redis, newShard());
  await submitAll(engine, commands);
  // All calls are sent at once, since one connection keeps their order.
  const states = await Promise.all(
    commands.map(async () => {
      const [, stored] = await Promise.all([match(redis, engine.shard, 1), readStored(engine, productIds)]);
      return stored;
    }),
  );
  return { reports: await readReports(engine), states };
}

/** The first run that looks at a product writes its counters, even if they are zero. */
function withoutZeros({ counters, ...stored }: Stored): Stored {
  const set = Object.entries(counters).filter(([, value]) => value !== '0');
  return { ...stored, counters: Object.fromEntries(set) };
}
