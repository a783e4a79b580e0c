import { BadRequest } from '../errors.ts';
import { clientOid } from './body.ts';

/** How a path names an order: by its id, or by its client order id after `client:`. */
export type OrderName = { readonly orderId: number } | { readonly clientOid: string };

export function readOrderName(text: string): OrderName {
  if (/^[0-9]{1,40}$/.test(text)) return { orderId: Number(text) };
  if (text.startsWith('client:')) {
    const oid = clientOid.safeParse(text.slice('client:'.length));
    if (oid.success) return { clientOid: oid.data };
  }
  throw new BadRequest('Invalid order id');
}
