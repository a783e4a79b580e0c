// Makes the products of a benchmark fit its orders, through the API.

import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../../console/errors.ts';
import type { PrivateExchange } from '../exchange.ts';
import { askFor } from '../request.ts';
import { fundedProduct } from './http/deposits.ts';
import { cards, type ProductShare, type SizeRange } from './options.ts';

type Wanted = { readonly products: readonly ProductShare[]; readonly sizes: SizeRange };

/** Adds products that there are not, and lets orders of cards be as large as wanted. */
export async function prepareProducts(exchange: PrivateExchange, { products, sizes }: Wanted): Promise<void> {
  const largest = { base_max_size: String(sizes.to) };
  if (products.some(({ productId }) => productId === fundedProduct))
    throw new UsageError(`Orders of ${fundedProduct} need money first; npm run bench:http measures them.`);
  const missing = products.filter(({ productId }) => !cards.includes(productId));
  for (const { productId } of missing) {
    const money = { quote_increment: '0.01', base_increment: '1', min_price: '1', max_price: '10' };
    await askFor(exchange, { path: '/products', body: { id: productId, ...money, ...largest } });
  }
  if (sizes.to > 1)
    for (const { productId } of products)
      await askFor(exchange, { method: 'PUT', path: `/products/${productId}`, body: largest });
  await untilAnnounced(exchange, missing);
}

/** A product trades once the matcher has announced it, within a second. */
async function untilAnnounced(exchange: PrivateExchange, products: readonly ProductShare[]): Promise<void> {
  for (const { productId } of products) {
    const path = `/products/${productId}/book`;
    for (let waits = 0; waits < 100; waits++) {
      const { ok } = await fetch(`http://127.0.0.1:${exchange.port}${path}`);
      if (ok) break;
      await sleep(50);
    }
  }
  // The status of a product that was added takes its place in the sequence a moment after its row.
  if (products.length > 0) await sleep(1_500);
}
