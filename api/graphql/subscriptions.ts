import { traderOf } from '../auth/traders.ts';
import { presentWaiting } from '../feed/own-presentation.ts';
import { presentOwnEvent } from '../feed/presentation.ts';
import { marketOf } from '../market-data/market-of.ts';
import { presentTrade } from '../market-data/presentation.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { productById } from '../products/named-product.ts';
import { builder } from './builder.ts';
import { type Context, stateFor } from './context.ts';
import { following } from './following.ts';
import { BookRef, depthIn, type ShownTrade, showBook, TradeRef } from './products.ts';
import { SideRef, sideOf } from './words.ts';

/** Events that may wait for a slow reader. */
const mostWaiting = 10_000;
/** How often those who stay have to be who they were. */
const recheckEveryMs = 30_000;

type Event = Record<string, unknown>;

const OrderEventRef = builder.objectRef<Event>('OrderEvent').implement({
  description: 'What happened to an order, as the channel `user` of the feed tells it.',
  fields: (t) => {
    const text = (name: string) => t.string({ nullable: true, resolve: (event) => textOf(event[name]) });
    const decimal = (name: string) =>
      t.field({ type: 'Decimal', nullable: true, resolve: (event) => textOf(event[name]) });
    return {
      type: t.string({
        description: 'received, open, match, change or done; activate once a stop order waits.',
        resolve: ({ type }) => String(type),
      }),
      time: t.field({ type: 'DateTime', resolve: ({ time }) => String(time) }),
      productId: t.id({ resolve: (event) => String(event.product_id) }),
      sequence: t.string({ resolve: ({ sequence }) => String(sequence) }),
      orderId: t.id({ nullable: true, resolve: (event) => textOf(event.order_id) }),
      makerOrderId: t.id({ nullable: true, resolve: (event) => textOf(event.maker_order_id) }),
      takerOrderId: t.id({ nullable: true, resolve: (event) => textOf(event.taker_order_id) }),
      side: t.field({ type: SideRef, resolve: ({ side }) => sideOf(side as 'buy' | 'sell') }),
      price: decimal('price'),
      size: decimal('size'),
      stopPrice: decimal('stop_price'),
      remainingSize: decimal('remaining_size'),
      tradeId: text('trade_id'),
      reason: text('reason'),
      clientOid: text('client_oid'),
    };
  },
});

function textOf(value: unknown): string | null {
  return value == null ? null : String(value);
}

builder.subscriptionType({
  fields: (t) => ({
    book: t.field({
      type: BookRef,
      description: 'At first as it is, then after each change; a slow reader has the newest.',
      args: { productId: t.arg.id({ required: true }), depth: t.arg.int() },
      complexity: 10,
      subscribe: async (_root, args, context) => {
        const depth = depthIn(args);
        const { product, marketData } = await followed(context, args.productId);
        const now = () => showBook({ book: marketData.book(product.productId, depth), product });
        return following<ReturnType<typeof now>>(
          (push) => {
            push(now());
            const tell = (): void => push(now());
            return context.api.watch.product(product.productId, { run: tell, reset: tell });
          },
          { most: 'last', api: context.api },
        );
      },
      resolve: (book) => book,
    }),
    trades: t.field({
      type: TradeRef,
      description: 'Each trade of a product from now on.',
      args: { productId: t.arg.id({ required: true }) },
      complexity: 10,
      subscribe: async (_root, { productId }, context) => {
        const { product } = await followed(context, productId);
        return following<ShownTrade>(
          (push) =>
            context.api.watch.product(product.productId, {
              run: ({ events, time }) => {
                for (const { event } of events)
                  if (event.kind === 'match') push(presentTrade({ ...event, createdAt: time }, product));
              },
              reset: () => {},
            }),
          { most: mostWaiting, api: context.api },
        );
      },
      resolve: (trade) => trade,
    }),
    orders: t.field({
      type: OrderEventRef,
      description: 'What happens to a trader’s own orders from now on.',
      args: { traderId: t.arg.id({ description: 'For operators and auditors.' }) },
      complexity: 10,
      subscribe: async (_root, args, context) => {
        const { caller } = await stateFor(context, 'GET /orders');
        const traderId = traderOf(caller, args.traderId == null ? null : Number(args.traderId));
        return following<Event>(
          (push, fail) => {
            const unwatch = context.api.watch.trader(traderId, {
              run: ({ events, product }) => {
                for (const event of events) push(presentOwnEvent(event, traderId, product));
              },
              own: (event, product) => push(presentWaiting(event, product)),
              reset: () => {},
            });
            const checking = setInterval(() => context.recheck().catch(fail), recheckEveryMs);
            return () => {
              clearInterval(checking);
              unwatch();
            };
          },
          { most: mostWaiting, api: context.api },
        );
      },
      resolve: (event) => event,
    }),
  }),
});

async function followed({ api }: Context, productId: string | number) {
  const product: ListedProduct = productById(api, String(productId));
  return { product, marketData: await marketOf(api, product) };
}
