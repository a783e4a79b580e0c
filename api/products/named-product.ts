import type { Api } from '../api.ts';
import { NotFound } from '../errors.ts';
import type { PublicContext } from '../http/context.ts';
import type { ListedProduct } from './catalogue.ts';

/** The product that the path names. Throws `NotFound` if there is none. */
export function namedProduct(api: Pick<Api, 'catalogue'>, ctx: PublicContext): ListedProduct {
  return productById(api, ctx.params.id!);
}

export function productById({ catalogue }: Pick<Api, 'catalogue'>, productId: string): ListedProduct {
  const product = catalogue.product(productId);
  if (!product) throw new NotFound();
  return product;
}
