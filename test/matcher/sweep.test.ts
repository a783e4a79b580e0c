import test from 'ava';
import type { Side } from '../../core/order.ts';
import type { Command, Place } from '../../core/wire/commands.ts';
import { cancelCommand, placeCommand } from '../support/commands.ts';
import { openEngine, play, readReports } from '../support/engine.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';
import { useRedis } from '../support/redis.ts';
import { announcement } from '../support/scenario.ts';
import { readStored, storedFor } from '../support/stored.ts';

const { redis, newShard } = useRedis();
const online = announcement('A-USD', 'online');

function place(traderId: number, side: Side, size: number, price: number | null): Place {
  return placeCommand({ traderId, side, price, size, timeInForce: price === null ? 'IOC' : 'GTC' });
}

const cancel = (orderId: number): Command => cancelCommand({ orderId });

/** Plays the commands in runs of a size and all at once, and compares both with the naive book. */
const agrees = test.macro(
  async (t, commands: readonly Command[], runSizes: readonly number[] = [333, 5_000]) => {
    const naive = newNaiveExchange();
    const expected = commands.map((command) => applyNaively(naive, command));
    for (const runSize of runSizes) {
      const engine = await openEngine(redis, newShard());
      t.deepEqual(await play(engine, commands, runSize), expected);
      t.deepEqual(await readStored(engine, ['A-USD']), storedFor(naive, commands.length, 0));
    }
  },
);

const levels = 50;
const asks = (count: number): Place[] =>
  Array.from({ length: count }, (_, i) => place(1, 'sell', 1 + (i % 3), 500 + ((i * 7) % levels)));

test('one order sweeps 5,000 resting orders, far more than one fetch', async (t) => {
  const makers = asks(5_000);
  const byQueue = makers.map((maker, i) => ({ id: i + 2, price: maker.price!, size: maker.size! }));
  byQueue.sort((a, b) => a.price - b.price || a.id - b.id);
  for (const runSize of [700, 5_000]) {
    const engine = await openEngine(redis, newShard());
    await play(engine, [online, ...makers, place(2, 'buy', 1_000_000, null)], runSize);
    const { events } = (await readReports(engine)).at(-1)!;
    const trades = events.filter((event) => event.kind === 'match');
    t.deepEqual(
      trades.map((m) => ({ id: m.makerOrderId, price: m.price, size: m.size })),
      byQueue,
    );
    t.deepEqual(
      trades.map((m) => m.tradeId),
      makers.map((_, i) => i + 1),
    );
    t.deepEqual(events.at(-1), { kind: 'done', orderId: 5_002, reason: 'no_liquidity', remaining: 990_001 });
    const { orders, halves } = await readStored(engine, ['A-USD']);
    t.deepEqual([orders, halves], [{}, {}]);
  }
});

test('a sweep stops within the last order it needs', agrees, [
  online,
  ...asks(400),
  place(2, 'buy', 701, 549),
  place(2, 'sell', 2, 499),
]);

const scattered = asks(600).map((_, i) => i + 2);

test('scattered cancels in a deep queue leave the others in order', agrees, [
  online,
  ...asks(600).map((ask) => ({ ...ask, price: 500 })),
  ...scattered.filter((id) => id % 7 === 0 || (id > 200 && id < 260)).map(cancel),
  place(2, 'buy', 300, 500),
  ...scattered.filter((id) => id % 5 === 0).map(cancel),
  place(2, 'buy', 2_000, 500),
]);

test('canceling all the front of a deep queue uncovers its back', agrees, [
  online,
  ...asks(300).map((ask) => ({ ...ask, price: 500 })),
  ...scattered.slice(0, 299).map(cancel),
  place(2, 'buy', 5, 500),
]);

test('FOK that needs the whole of a deep book fills to the lot and misses by one', agrees, [
  online,
  ...asks(300),
  { ...place(2, 'buy', 601, 549), timeInForce: 'FOK' },
  { ...place(2, 'buy', 600, 548), timeInForce: 'FOK' },
  { ...place(2, 'buy', 600, 549), timeInForce: 'FOK' },
]);

test('co cancels hundreds of own orders on its way', agrees, [
  online,
  ...asks(300).map((ask, i) => ({ ...ask, traderId: i % 10 === 0 ? 2 : 1 })),
  { ...place(1, 'buy', 40, 549), selfTradePrevention: 'co' },
]);
