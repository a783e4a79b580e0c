import { z } from 'zod';
import type { Product } from '../../core/product.ts';
import type { Amend } from '../../core/wire/commands.ts';
import { BadRequest } from '../errors.ts';
import { readPrice, readSize } from '../http/amounts.ts';
import { decimal, objectError } from '../http/body.ts';

/** The body of PUT /orders/{id}. `size` is the new total, filled part included. */
export const amendBody = z.object({ price: decimal.optional(), size: decimal.optional() }, objectError);
export type AmendBody = z.output<typeof amendBody>;

export function refuseEmptyAmend({ price, size }: AmendBody): void {
  if (price === undefined && size === undefined) throw new BadRequest('Invalid body: needs price or size');
}

export function amendedAmounts({ price, size }: AmendBody, product: Product): Pick<Amend, 'price' | 'size'> {
  return {
    price: price === undefined ? null : readPrice(price, product),
    size: size === undefined ? null : readSize(size, product),
  };
}
