import type { ListedProduct } from '../products/catalogue.ts';
import type { Shard } from '../shard/shard.ts';
import type { Shards } from '../shard/shards.ts';
import { allProducts } from './channels/user.ts';
import type { FeedEvent } from './events.ts';
import { textFrame } from './frame.ts';
import { presentEvent, presentOwnEvent } from './presentation.ts';
import type { Recent } from './recent.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What a client has of a product's events, and where it left off. */
export type Gap = {
  readonly product: ListedProduct;
  readonly since: number;
  readonly subscriptions: Subscriptions;
  readonly traderId: number | null;
};

/** The frames that a client missed; or one that says that it must begin with a snapshot. */
export type Missed = {
  readonly framesFor: (gap: Gap) => Buffer[];
  /** Another process may have told the client more than this one knows yet. */
  readonly caughtUp: (product: ListedProduct) => Promise<void>;
};

export function createMissed(shards: Shards, recents: ReadonlyMap<Shard, Recent>): Missed {
  return {
    caughtUp: (product) => shards.ofProduct(product).marketData.caughtUp(),
    framesFor: ({ product, since, subscriptions, traderId }) => {
      const shard = shards.ofProduct(product);
      const { productId } = product;
      const sequence = shard.marketData.feedSequence(productId);
      const events = recents.get(shard)!.since(productId, since, sequence);
      if (!events) {
        const message = { type: 'snapshot_needed', product_id: productId, since, sequence };
        return [textFrame(JSON.stringify(message))];
      }
      const has = channelsOf(subscriptions, productId);
      return events.flatMap((event) => {
        if (has.has('user') && isParty(event, traderId!))
          return [textFrame(JSON.stringify(presentOwnEvent(event, traderId!, product)))];
        const isSeen = has.has('full') || (has.has('matches') && event.event.kind === 'match');
        return isSeen ? [frameOf(event, product)] : [];
      });
    },
  };
}

/** The event as everybody may see it. */
export function frameOf(event: FeedEvent, product: ListedProduct): Buffer {
  return textFrame(JSON.stringify(presentEvent(event, product)));
}

function isParty({ order, taker }: FeedEvent, traderId: number): boolean {
  return order.traderId === traderId || taker?.traderId === traderId;
}

function channelsOf(subscriptions: Subscriptions, productId: string): Set<string> {
  const names = new Set<string>();
  for (const [{ name }, ids] of subscriptions)
    if (ids.has(productId) || ids.has(allProducts)) names.add(name);
  return names;
}
