import type { NaiveExchange, NaiveOrder } from './naive-exchange.ts';

/** Whether an order may not trade at a price, since that is too far from the last trade before the command at hand. */
export function isBeyondCollar({ products }: NaiveExchange, order: NaiveOrder, price: number): boolean {
  const { last, rules } = products.get(order.productId)!;
  if (last === null || rules.collar === null) return false;
  const way = BigInt(order.side === 'buy' ? price - last : last - price);
  return way * 1_000_000n > BigInt(last) * BigInt(rules.collar);
}
