import { marketOf } from '../market-data/market-of.ts';
import type { Auction } from '../market-data/presentation.ts';
import { productById } from '../products/named-product.ts';
import { builder } from './builder.ts';
import { following } from './following.ts';
import { SideRef, sideOf } from './words.ts';

const AuctionState = builder.enumType('AuctionState', {
  values: {
    COLLECTION: { value: 'collection', description: 'Orders gather.' },
    SUSPENDED: {
      value: 'suspended',
      description: 'The product left the auction and is not online, so that nothing has traded.',
    },
    COMPLETE: { value: 'complete' },
  } as const,
});

export const AuctionRef = builder.objectRef<Auction>('Auction').implement({
  description: 'What an auction comes to if it ends now, or came to as it ended.',
  fields: (t) => {
    const decimal = (name: 'best_bid_price' | 'best_bid_size' | 'best_ask_price' | 'best_ask_size') =>
      t.expose(name, { type: 'Decimal', nullable: true });
    return {
      sequence: t.string({
        description: 'The last event of the feed that is in it.',
        resolve: ({ sequence }) => String(sequence),
      }),
      time: t.expose('time', { type: 'DateTime' }),
      state: t.field({ type: AuctionState, resolve: ({ auction_state }) => auction_state }),
      openPrice: t.expose('open_price', {
        ...{ type: 'Decimal', nullable: true },
        description: 'Of all that would trade; of what traded, once it is complete.',
      }),
      openSize: t.expose('open_size', { type: 'Decimal' }),
      imbalanceSide: t.field({
        ...{ type: SideRef, nullable: true, description: 'Which side has more at that price.' },
        resolve: ({ imbalance_side }) => imbalance_side && sideOf(imbalance_side),
      }),
      imbalanceSize: t.expose('imbalance_size', { type: 'Decimal' }),
      ...{ bestBidPrice: decimal('best_bid_price'), bestBidSize: decimal('best_bid_size') },
      ...{ bestAskPrice: decimal('best_ask_price'), bestAskSize: decimal('best_ask_size') },
      canOpen: t.boolean({ resolve: ({ can_open }) => can_open === 'yes' }),
    };
  },
});

builder.subscriptionField('auction', (t) =>
  t.field({
    type: AuctionRef,
    description:
      'What a product’s auction would come to: at first if there is one, after each change, and as it ends; a slow reader has the newest.',
    args: { productId: t.arg.id({ required: true }) },
    complexity: 10,
    subscribe: async (_root, { productId }, { api }) => {
      const product = productById(api, String(productId));
      await marketOf(api, product);
      return following<Auction>((push) => api.auctions.follow(product, push), { most: 'last', api });
    },
    resolve: (auction) => auction,
  }),
);
