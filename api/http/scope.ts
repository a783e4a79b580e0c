import { z } from 'zod';
import { BadRequest } from '../errors.ts';
import type { Catalogue, ListedProduct } from '../products/catalogue.ts';
import { must, objectError, readBody, traderIdField } from './body.ts';
import type { Query } from './query.ts';

/** What a DELETE may say in its query or, as some clients do, in a JSON body. */
const scopeBody = z.object(
  { product_id: z.string(must('must be text')).optional(), trader_id: traderIdField.optional() },
  objectError,
);

export type Scope = { readonly product: ListedProduct | null; readonly traderId: number | null };

/** Which product and trader a request is limited to; the query goes before the body. */
export function readScope(catalogue: Catalogue, query: Query, body: unknown): Scope {
  // Without its value it would widen what a request cancels from one product to all.
  for (const key of ['product_id', 'trader_id'])
    if (query.isEmpty(key)) throw new BadRequest(`Invalid ${key}: must not be empty`);
  const given = readBody(scopeBody, body ?? {});
  const asked = readBody(scopeBody, {
    product_id: query.one('product_id') ?? undefined,
    trader_id: query.one('trader_id') ?? undefined,
  });
  const productId = asked.product_id ?? given.product_id ?? null;
  return {
    product: productId === null ? null : productNamed(catalogue, productId),
    traderId: asked.trader_id ?? given.trader_id ?? null,
  };
}

/** Some clients write `BTC/USD` for `BTC-USD`. */
function productNamed(catalogue: Catalogue, text: string): ListedProduct {
  const product = catalogue.product(text.replace('/', '-'));
  if (!product) throw new BadRequest('Product not found');
  return product;
}
