import { z } from 'zod';
import type { Product } from '../../core/product.ts';
import type { Amend } from '../../core/wire/commands.ts';
import { BadRequest } from '../errors.ts';
import { readPrice, readSize, readStopPrice } from '../http/amounts.ts';
import { decimal, must, objectError } from '../http/body.ts';
import { readExpireTime } from './terms.ts';

/** The body of PUT /orders/{id}. `size` is the new total, filled part included. */
export const amendBody = z.object(
  {
    price: decimal.optional(),
    size: decimal.optional(),
    stop_price: decimal.optional(),
    expire_time: z.string(must('must be text')).optional(),
  },
  objectError,
);
/** How a list names an order: as a path does. */
export const listedId = z.union(
  [z.string().max(128), z.number()],
  must('must be an order id, or client: and a client_oid'),
);
export const listedAmend = amendBody.extend({ id: listedId });

export type AmendBody = z.output<typeof amendBody>;

export function refuseEmptyAmend(body: AmendBody): void {
  if (Object.values(body).every((value) => value === undefined))
    throw new BadRequest('Invalid body: needs price, size, stop_price or expire_time');
}

type Amended = Pick<Amend, 'price' | 'size' | 'stopPrice' | 'expireTime'>;

export function amendedAmounts(body: AmendBody, product: Product): Amended {
  const { price, size, stop_price, expire_time } = body;
  return {
    stopPrice: stop_price === undefined ? null : readStopPrice(stop_price, product),
    expireTime: expire_time === undefined ? null : readExpireTime(expire_time, Date.now()),
    price: price === undefined ? null : readPrice(price, product),
    size: size === undefined ? null : readSize(size, product),
  };
}
