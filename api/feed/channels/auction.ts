import { oncePer } from '../../../core/once-per.ts';
import type { Auctions } from '../../market-data/auctions.ts';
import type { Auction } from '../../market-data/presentation.ts';
import type { ListedProduct } from '../../products/catalogue.ts';
import type { Channel } from '../channel.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';

/** How often it looks whether anybody is left who subscribes. */
const lookEveryMs = 10_000;

/** What a product's auction comes to: at first if there is one, after each change, and as it ends. */
export function auctionChannel(hub: Hub, auctions: Auctions): Channel {
  const following = new Map<string, () => void>();
  const tell = (auction: Auction): void => {
    const topic = hub.topics(auction.product_id)?.get('auction');
    if (topic) hub.publish(topic, frameOf(auction));
  };
  const follow = (product: ListedProduct): void => {
    const { productId } = product;
    if (!following.has(productId)) following.set(productId, auctions.follow(product, tell));
  };
  const look = (): void => {
    for (const [productId, unfollow] of following) {
      if (hub.topics(productId)?.has('auction')) continue;
      following.delete(productId);
      unfollow();
    }
  };
  return {
    name: 'auction',
    of: 'products',
    greet: (product) => {
      follow(product!);
      const told = auctions.told(product!.productId);
      return told ? [frameOf(told)] : [];
    },
    start: () => {
      const timer = setInterval(look, lookEveryMs);
      return () => clearInterval(timer);
    },
  };
}

const frameOf = oncePer((auction: Auction) => textFrame(JSON.stringify({ type: 'auction', ...auction })));
