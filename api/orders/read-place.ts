import type { Place } from '../../core/wire/commands.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { readBody } from '../http/body.ts';
import type { CallerState } from '../http/context.ts';
import { BadRequest } from '../http/errors.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { orderBody, placeOf, refuseNotOffered } from './body.ts';

/** A place command, checked as far as it can be before it is matched, and its product. */
export type ReadPlace = { readonly place: Place; readonly product: ListedProduct };

/** Throws `BadRequest` with what is wrong. */
export function readPlace({ catalogue }: Api, { caller, requestId }: CallerState, body: unknown): ReadPlace {
  refuseNotOffered(body);
  const order = readBody(orderBody, body);
  const traderId = traderOf(caller, order.trader_id);
  const product = catalogue.product(order.product_id);
  if (!product) throw new BadRequest('Product not found');
  return { place: placeOf(order, product, { traderId, requestId }), product };
}
