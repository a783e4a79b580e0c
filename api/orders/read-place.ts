import type { Place } from '../../core/wire/commands.ts';
import type { Api } from '../api.ts';
import { traderOf } from '../auth/traders.ts';
import { BadRequest } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { CallerState } from '../http/context.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { type OrderBody, orderBody, placeOf } from './body.ts';
import { readPlain } from './plain-body.ts';

/** An order as it was asked for. */
export type AskedOrder = {
  readonly body: OrderBody;
  readonly traderId: number;
  readonly product: ListedProduct;
  /** The command, checked as far as it can be before it is matched; or why there can be none now, as the product stands. */
  readonly place: Place | BadRequest;
};

/**
 * Throws `BadRequest` with what is wrong. An order with a client order id may be the repeat of one that was taken when the
 * product had other limits, so what these say of it counts only if it is none.
 */
export function readPlace({ catalogue }: Api, { caller, requestId }: CallerState, sent: unknown): AskedOrder {
  const body = readPlain(sent) ?? readBody(orderBody, sent);
  const traderId = traderOf(caller, body.trader_id);
  const product = catalogue.product(body.product_id);
  if (!product) throw new BadRequest('Product not found');
  return { body, traderId, product, place: placeUnlessRefused(body, product, { traderId, requestId }) };
}

function placeUnlessRefused(...[body, ...rest]: Parameters<typeof placeOf>): Place | BadRequest {
  try {
    return placeOf(body, ...rest);
  } catch (error) {
    if (error instanceof BadRequest && body.client_oid !== undefined) return error;
    throw error;
  }
}
