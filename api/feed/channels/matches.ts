import { formatAmount } from '../../../core/units.ts';
import { iso } from '../../http/iso.ts';
import type { ListedProduct } from '../../products/catalogue.ts';
import type { Shards } from '../../shard/shards.ts';
import type { Channel } from '../channel.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';

/** The trades of a product, and at first the last one. */
export function matchesChannel(hub: Hub, shards: Shards): Channel {
  return {
    name: 'matches',
    of: 'products',
    greet: (product) => lastMatch(shards, product!),
    onEvent: (event, { topics, publicFrame }) => {
      if (event.event.kind !== 'match') return;
      const topic = topics?.get('matches');
      if (topic) hub.publish(topic, publicFrame(), event);
    },
  };
}

/** Its `sequence` is that of the product's last event, since PostgreSQL does not keep that of a trade. */
function lastMatch(shards: Shards, product: ListedProduct): Buffer[] {
  const { marketData } = shards.ofProduct(product);
  const { lastTrade } = marketData.ticker(product.productId);
  if (!lastTrade) return [];
  const message = {
    ...{
      type: 'last_match',
      trade_id: lastTrade.tradeId,
      sequence: marketData.feedSequence(product.productId),
    },
    maker_order_id: String(lastTrade.makerOrderId),
    taker_order_id: String(lastTrade.takerOrderId),
    ...{ time: iso(lastTrade.time), product_id: product.productId },
    size: formatAmount(lastTrade.size, product.lot),
    price: formatAmount(lastTrade.price, product.tick),
    side: lastTrade.takerSide === 'buy' ? 'sell' : 'buy',
  };
  return [textFrame(JSON.stringify(message))];
}
