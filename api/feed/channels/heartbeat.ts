import { iso } from '../../http/iso.ts';
import type { Catalogue } from '../../products/catalogue.ts';
import type { Shards } from '../../shard/shards.ts';
import type { Channel } from '../channel.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';

const everyMs = 1_000;

/** Says each second how far a product is. Its number is in its place: all events up to it have been sent. */
export function heartbeatChannel(hub: Hub, shards: Shards, catalogue: Catalogue): Channel {
  const beat = (): void => {
    const time = iso(Date.now());
    for (const product of catalogue.products()) {
      const topic = hub.topics(product.productId)?.get('heartbeat');
      const { marketData } = shards.ofProduct(product);
      if (!topic || !marketData.isThere()) continue;
      const message = {
        type: 'heartbeat',
        sequence: marketData.feedSequence(product.productId),
        last_trade_id: marketData.ticker(product.productId).lastTrade?.tradeId ?? 0,
        product_id: product.productId,
        time,
      };
      hub.publish(topic, textFrame(JSON.stringify(message)));
    }
  };
  return {
    name: 'heartbeat',
    of: 'products',
    start: () => {
      const timer = setInterval(beat, everyMs);
      return () => clearInterval(timer);
    },
  };
}
