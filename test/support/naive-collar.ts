import type { NaiveExchange, NaiveOrder } from './naive-exchange.ts';

/** Whether an order may not trade at a price, since that is too far from the last trade before the command at hand. */
export function isBeyondCollar(exchange: NaiveExchange, order: NaiveOrder, price: number): boolean {
  const { rules } = exchange.products.get(order.productId)!;
  const last = lastBefore(exchange, order.productId);
  if (last === null || rules.collar === null) return false;
  const way = BigInt(order.side === 'buy' ? price - last : last - price);
  return way * 1_000_000n > BigInt(last) * BigInt(rules.collar);
}

/** For all of a batch it is the one before the batch. */
function lastBefore({ products, batch, sequence }: NaiveExchange, productId: string): number | null {
  if (batch && sequence <= batch.until) return batch.before.get(productId) ?? null;
  return products.get(productId)!.last;
}
