import test from 'ava';
import fc from 'fast-check';
import { addOrder, type BookOrder, newHalf } from '../../../api/market-data/book.ts';
import { OrdersById } from '../../../api/market-data/orders-by-id.ts';
import { seed } from '../../support/seed.ts';

const half = newHalf('buy');
const order = (orderId: number): BookOrder =>
  addOrder(half, { orderId, traderId: 1, productId: 'A-USD', side: 'buy', price: 1, remaining: 1 });

test('orders are found by their ids until they are removed, as in a map', (t) => {
  const ids = fc.oneof(
    fc.integer({ min: 1, max: 10 }),
    fc.integer({ min: 4_090, max: 4_100 }),
    fc.maxSafeInteger(),
  );
  const steps = fc.array(fc.tuple(fc.boolean(), ids), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (taken) => {
      const orders = new OrdersById();
      const expected = new Map<number, BookOrder>();
      for (const [isAdded, id] of taken) {
        if (isAdded && !expected.has(id)) {
          const added = order(id);
          orders.add(added);
          expected.set(id, added);
        } else if (!isAdded && expected.has(id)) {
          orders.remove(id);
          expected.delete(id);
        }
        if (orders.size !== expected.size) return false;
      }
      return taken.every(([, id]) => orders.get(id) === expected.get(id));
    }),
    { seed },
  );
  t.pass();
});
