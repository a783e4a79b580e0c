import type { ListedProduct } from '../../products/catalogue.ts';
import type { Shards } from '../../shard/shards.ts';
import type { Channel } from '../channel.ts';
import type { Hub, Topic } from '../hub.ts';
import { lastTick } from './ticker.ts';

const everyMs = 5_000;

/** As `ticker`, with the last of what traded in five seconds. */
export function tickerBatchChannel(hub: Hub, shards: Shards): Channel {
  let traded = new Map<ListedProduct, Topic>();
  const publish = (): void => {
    const products = traded;
    traded = new Map();
    for (const [product, topic] of products)
      if (shards.ofProduct(product).marketData.isThere())
        for (const frame of lastTick(shards, product)) hub.publish(topic, frame);
  };
  return {
    name: 'ticker_batch',
    of: 'products',
    greet: (product) => lastTick(shards, product!),
    onEvent: ({ event }, { product, topics }) => {
      const topic = event.kind === 'match' ? topics?.get('ticker_batch') : undefined;
      if (topic) traded.set(product, topic);
    },
    start: () => {
      const timer = setInterval(publish, everyMs);
      return () => clearInterval(timer);
    },
  };
}
