import type { Api } from '../api.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import type { MarketData } from './market-data.ts';

/** The market data of a product's shard, once all that is matched now is in them. */
export async function marketOf({ shards }: Pick<Api, 'shards'>, product: ListedProduct): Promise<MarketData> {
  const { marketData } = shards.ofProduct(product);
  await marketData.caughtUp();
  return marketData;
}
