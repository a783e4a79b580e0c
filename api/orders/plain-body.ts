import { sides } from '../../core/order.ts';
import type { OrderBody } from './body.ts';

const isText = (value: unknown): boolean => typeof value === 'string';

/** What the value of each key of a plain order is. All of them mean what they say, as `orderBody` would read them. */
const plain = new Map<string, (value: unknown) => boolean>([
  ['product_id', isText],
  ['side', (value) => value === sides[0] || value === sides[1]],
  ['type', (value) => value === 'limit' || value === 'market'],
  ['price', isText],
  ['size', isText],
  ['funds', isText],
  ['time_in_force', (value) => value === 'GTC' || value === 'IOC' || value === 'FOK'],
  ['post_only', (value) => typeof value === 'boolean'],
  ['trader_id', (value) => Number.isInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31],
]);

/**
 * Reads an order that needs no conversion, as nearly all do, without the schema: that takes a quarter of the time. Null for every
 * other, and for what is wrong; the schema says of these what they are.
 */
export function readPlain(sent: unknown): OrderBody | null {
  if (typeof sent !== 'object' || sent === null) return null;
  for (const key in sent) if (!plain.get(key)?.(sent[key as keyof typeof sent])) return null;
  const body = sent as Partial<OrderBody>;
  const { product_id, side, type = 'limit', post_only = false } = body;
  if (product_id === undefined || side === undefined) return null;
  const { price, size, funds, time_in_force, trader_id } = body;
  return { product_id, side, type, price, size, funds, time_in_force, post_only, trader_id };
}
