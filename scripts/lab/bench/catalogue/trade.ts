// Orders that show that products trade.

import type { PrivateExchange } from '../../exchange.ts';
import { askFor } from '../../request.ts';
import { VerificationError } from '../replay.ts';
import type { Catalogue } from './add.ts';

const price = '5.00';
const [seller, buyer] = [1, 2];
const batch = 1_000;

type Answer = { readonly id: string; readonly status: string; readonly done_reason?: string };

/** One order in every product, which rests. Returns how many they are. */
export async function offerAll(exchange: PrivateExchange, catalogue: Catalogue): Promise<number> {
  const products = [...catalogue.values()].flat();
  for (let i = 0; i < products.length; i += batch) {
    const body = products.slice(i, i + batch).map((product) => order(product, 'sell', seller));
    const answers = (await askFor(exchange, { path: '/orders/batch', body })) as Answer[];
    const refused = answers.find(({ status }) => status !== 'open');
    if (refused) throw new VerificationError(`An order does not rest: ${JSON.stringify(refused)}.`);
  }
  return products.length;
}

/** Buys what rests in one product of each shard, the `nth` of its own. Returns the product by shard. */
export async function buyOfEach(
  exchange: PrivateExchange,
  catalogue: Catalogue,
  nth: number,
): Promise<Record<string, string>> {
  const bought: Record<string, string> = {};
  for (const [shard, products] of catalogue) {
    const product = products[nth]!;
    const body = order(product, 'buy', buyer);
    const answer = (await askFor(exchange, { path: '/orders', body })) as Answer;
    if (answer.status !== 'done' || answer.done_reason !== 'filled')
      throw new VerificationError(`${product} of ${shard} does not trade: ${JSON.stringify(answer)}.`);
    bought[shard] = product;
  }
  return bought;
}

function order(productId: string, side: 'buy' | 'sell', traderId: number) {
  return { trader_id: traderId, product_id: productId, side, price, size: '1' };
}
