import test from 'ava';
import { addOrder, newHalf } from '../../../api/market-data/book.ts';
import { OpenOrders } from '../../../api/market-data/open-orders.ts';

/** Neighbours, the ends of pages, and the highest id that there can be. */
const traders = [1, 2, 127, 128, 129, 10_000, 2 ** 31 - 1];

test('each trader has its own orders, whatever its id, newest first', (t) => {
  const openOrders = new OpenOrders();
  const bids = newHalf('buy');
  const add = (orderId: number, traderId: number) => {
    const order = { orderId, traderId, productId: 'A-USD', side: 'buy', price: 100, remaining: 1 } as const;
    const added = addOrder(bids, order);
    openOrders.add(added);
    return added;
  };
  const idsOf = (traderId: number) => [...openOrders.of(traderId)].map(({ orderId }) => orderId);
  const orders = [0, 1, 2].flatMap((round) =>
    traders.map((traderId, i) => add(round * traders.length + i + 1, traderId)),
  );
  for (const [i, traderId] of traders.entries()) {
    t.is(openOrders.countOf(traderId), 3);
    t.deepEqual(idsOf(traderId), [2 * traders.length + i + 1, traders.length + i + 1, i + 1]);
  }
  for (const order of orders.slice(traders.length, 2 * traders.length)) openOrders.remove(order);
  for (const [i, traderId] of traders.entries())
    t.deepEqual(idsOf(traderId), [2 * traders.length + i + 1, i + 1]);
  for (const order of [...orders.slice(0, traders.length), ...orders.slice(2 * traders.length)])
    openOrders.remove(order);
  for (const traderId of [...traders, 3, 5_000]) {
    t.is(openOrders.countOf(traderId), 0);
    t.deepEqual(idsOf(traderId), []);
  }
  add(100, 128);
  t.deepEqual([openOrders.countOf(127), openOrders.countOf(128)], [0, 1]);
});
