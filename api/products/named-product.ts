import type { Api } from '../api.ts';
import type { PublicContext } from '../http/context.ts';
import { NotFound } from '../http/errors.ts';
import type { ListedProduct } from './catalogue.ts';

/** The product that the path names. Throws `NotFound` if there is none. */
export function namedProduct({ catalogue }: Api, ctx: PublicContext): ListedProduct {
  const product = catalogue.product(ctx.params.id!);
  if (!product) throw new NotFound();
  return product;
}
