import { presentFill } from '../fills/presentation.ts';
import type { FillRow } from '../fills/queries/fills.ts';
import { presentTrade } from '../market-data/presentation.ts';
import { type PresentedOrder, presentOrder } from '../orders/presentation.ts';
import type { OrderRecord } from '../orders/record.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { ProductRef, TradeRef } from './products.ts';
import {
  LiquidityRef,
  OrderStatusRef,
  OrderTypeRef,
  SelfTradePreventionRef,
  SideRef,
  StopRef,
  sideOf,
  TimeInForceRef,
  upper,
} from './words.ts';

/** Fills of an order that a page of orders shows: the newest. */
export const mostFills = 100;

/** An order as it is shown. Its row is looked up where it is not there, and only if somebody asks for what the row leads to. */
export type ShownOrder = { readonly shown: PresentedOrder; readonly record: OrderRecord | null };
export type ShownFill = {
  readonly fill: FillRow;
  readonly product: ListedProduct;
  readonly traderId: number;
};

export function showOrder({ api }: Pick<Context, 'api'>, record: OrderRecord): ShownOrder {
  return { shown: presentOrder(record, api.catalogue.product(record.productId)!), record };
}

export const FillRef = builder.objectRef<ShownFill>('Fill').implement({
  description: 'A trade as one of its two orders sees it.',
  fields: (t) => {
    const show = ({ fill, traderId, product }: ShownFill) => presentFill(fill, traderId, product);
    return {
      orderId: t.id({ resolve: ({ fill }) => String(fill.orderId) }),
      liquidity: t.field({
        type: LiquidityRef,
        resolve: ({ fill }) => (fill.liquidity === 'M' ? 'MAKER' : 'TAKER'),
      }),
      side: t.field({ type: SideRef, resolve: ({ fill }) => sideOf(fill.side) }),
      price: t.field({ type: 'Decimal', resolve: (fill) => show(fill).price }),
      size: t.field({ type: 'Decimal', resolve: (fill) => show(fill).size }),
      fee: t.field({ type: 'Decimal', resolve: (fill) => show(fill).fee }),
      time: t.field({ type: 'DateTime', resolve: (fill) => show(fill).created_at }),
      product: t.field({ type: ProductRef, resolve: ({ product }) => product }),
      trade: t.field({
        type: TradeRef,
        resolve: ({ fill, product }) => {
          const isTaker = fill.liquidity === 'T';
          const takerSide = isTaker ? fill.side : fill.side === 'buy' ? 'sell' : 'buy';
          return presentTrade({ ...fill, takerSide }, product);
        },
      }),
    };
  },
});

export const OrderRef = builder.objectRef<ShownOrder>('Order');
OrderRef.implement({
  fields: (t) => {
    type Texts = 'price' | 'size' | 'funds' | 'stop_price' | 'max_floor';
    const decimal = (name: Texts) =>
      t.field({ type: 'Decimal', nullable: true, resolve: ({ shown }) => shown[name] ?? null });
    const time = (name: 'done_at' | 'expire_time' | 'triggered_at') =>
      t.field({ type: 'DateTime', nullable: true, resolve: ({ shown }) => shown[name] ?? null });
    return {
      id: t.id({ resolve: ({ shown }) => shown.id }),
      clientOid: t.string({ nullable: true, resolve: ({ shown }) => shown.client_oid ?? null }),
      traderId: t.id({ resolve: ({ shown }) => shown.profile_id }),
      side: t.field({ type: SideRef, resolve: ({ shown }) => sideOf(shown.side) }),
      type: t.field({ type: OrderTypeRef, resolve: ({ shown }) => upper(shown.type) }),
      ...{ price: decimal('price'), size: decimal('size'), funds: decimal('funds') },
      timeInForce: t.field({
        type: TimeInForceRef,
        nullable: true,
        resolve: ({ shown }) => shown.time_in_force ?? null,
      }),
      expireTime: time('expire_time'),
      stop: t.field({
        type: StopRef,
        nullable: true,
        resolve: ({ shown }) => (shown.stop ? upper(shown.stop) : null),
      }),
      ...{ stopPrice: decimal('stop_price'), triggeredAt: time('triggered_at') },
      maxFloor: decimal('max_floor'),
      postOnly: t.boolean({ resolve: ({ shown }) => shown.post_only }),
      selfTradePrevention: t.field({
        type: SelfTradePreventionRef,
        nullable: true,
        resolve: ({ shown }) => (shown.stp ? upper(shown.stp) : null),
      }),
      status: t.field({ type: OrderStatusRef, resolve: ({ shown }) => upper(shown.status) }),
      createdAt: t.field({ type: 'DateTime', resolve: ({ shown }) => shown.created_at }),
      doneAt: time('done_at'),
      doneReason: t.string({ nullable: true, resolve: ({ shown }) => shown.done_reason ?? null }),
      rejectReason: t.string({ nullable: true, resolve: ({ shown }) => shown.reject_reason ?? null }),
      filledSize: t.field({ type: 'Decimal', resolve: ({ shown }) => shown.filled_size }),
      executedValue: t.field({ type: 'Decimal', resolve: ({ shown }) => shown.executed_value }),
      fillFees: t.field({ type: 'Decimal', resolve: ({ shown }) => shown.fill_fees }),
      product: t.field({ type: ProductRef, resolve: productOfOrder }),
      fills: t.field({
        type: [FillRef],
        description: `Newest first, ${mostFills} at most; \`viewer.fills\` pages through all of them.`,
        complexity: { field: 5, multiplier: 5 },
        resolve: async (order, _args, context) => {
          const product = productOfOrder(order, {}, context);
          const record = order.record ?? (await recordOf(order, context));
          const traderId = Number(order.shown.profile_id);
          const fills = record ? await context.fillsOf.load(record) : [];
          return fills.map((fill) => ({ fill, product, traderId }));
        },
      }),
    };
  },
});

function productOfOrder({ shown }: ShownOrder, _args: object, { api }: Context): ListedProduct {
  return api.catalogue.product(shown.product_id)!;
}

/** The row of an order that was placed just now, once it is there. */
async function recordOf({ shown }: ShownOrder, { api }: Context): Promise<OrderRecord | null> {
  await api.shards.visibleTo(Number(shown.profile_id));
  return api.findOrder(Number(shown.id));
}
