import { crc32 } from 'node:zlib';
import type { Message } from './socket.ts';

/** A book by orders that a client keeps from `full`, as docs/feed.md says it can. */
export type OrderBook = { apply: (message: Message) => void; rows: (side: 'buy' | 'sell') => string[][] };

type Resting = { id: string; side: string; price: string; size: number };

export function createOrderBook(): OrderBook {
  let orders: Resting[] = [];
  const find = (id: string): Resting | undefined => orders.find((order) => order.id === id);
  const remove = (id: string): void => {
    orders = orders.filter((order) => order.id !== id);
  };
  return {
    apply: (message) => {
      const { type, order_id: id, side, price } = message;
      if (type === 'open') orders.push({ id, side, price, size: Number(message.remaining_size) });
      if (type === 'match') find(message.maker_order_id)!.size -= Number(message.size);
      if (type === 'done') remove(id);
      if (type !== 'change') return;
      const order = find(id);
      if (!order) return;
      const keeps =
        message.reason === 'STP' ||
        (message.new_price === message.old_price && Number(message.new_size) <= Number(message.old_size));
      if (keeps) order.size = Number(message.new_size);
      else remove(id);
    },
    rows: (side) => {
      const sign = side === 'buy' ? -1 : 1;
      return orders
        .filter((order) => order.side === side)
        .sort((one, other) => (Number(one.price) - Number(other.price)) * sign)
        .map(({ price, size, id }) => [price, String(size), id]);
    },
  };
}

/** A book by prices that a client keeps from `level2`. */
export type PriceBook = {
  apply: (message: Message) => void;
  rows: (side: 'buy' | 'sell') => string[][];
  checksum: () => number;
};

export function createPriceBook(): PriceBook {
  const halves = { buy: new Map<string, string>(), sell: new Map<string, string>() };
  const rows: PriceBook['rows'] = (side) => {
    const sign = side === 'buy' ? -1 : 1;
    return [...halves[side]].sort(([one], [other]) => (Number(one) - Number(other)) * sign);
  };
  return {
    rows,
    apply: ({ type, bids, asks, changes }) => {
      if (type === 'snapshot') {
        halves.buy = new Map(bids);
        halves.sell = new Map(asks);
      } else
        for (const [side, price, size] of changes as ['buy' | 'sell', string, string][]) {
          if (size === '0') halves[side].delete(price);
          else halves[side].set(price, size);
        }
    },
    checksum: () => {
      const best = [...rows('buy').slice(0, 10), ...rows('sell').slice(0, 10)];
      return crc32(best.map((row) => row.join(':')).join(','));
    },
  };
}

/** The totals of a book by orders. */
export function totalsOf(rows: readonly string[][]): string[][] {
  const totals = new Map<string, number>();
  for (const [price, size] of rows) totals.set(price!, (totals.get(price!) ?? 0) + Number(size));
  return [...totals].map(([price, size]) => [price, String(size)]);
}
