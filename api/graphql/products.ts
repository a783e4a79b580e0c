import { oncePer } from '../../core/once-per.ts';
import { formatAmount } from '../../core/units.ts';
import { BadRequest } from '../errors.ts';
import { iso } from '../http/iso.ts';
import { queryOf } from '../http/query.ts';
import type { Bucket } from '../market-data/candles.ts';
import { listCandles, listTrades } from '../market-data/list.ts';
import type { BookSnapshot } from '../market-data/market-data.ts';
import { marketOf } from '../market-data/market-of.ts';
import { presentLevels, presentTicker, presentTrade } from '../market-data/presentation.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { presentProduct } from '../products/presentation.ts';
import { AuctionRef } from './auctions.ts';
import { builder } from './builder.ts';
import { connectionOf, lengthOf } from './pages.ts';
import { SideRef, sideOf } from './words.ts';

const mostDepth = 200;

export type ShownTrade = ReturnType<typeof presentTrade>;
export type ShownBook = { readonly book: BookSnapshot; readonly product: ListedProduct };

export const TradeRef = builder.objectRef<ShownTrade>('Trade').implement({
  fields: (t) => ({
    id: t.int({ description: 'Counts the trades of its product.', resolve: (trade) => trade.trade_id }),
    side: t.field({ type: SideRef, description: 'The maker’s.', resolve: ({ side }) => sideOf(side) }),
    price: t.expose('price', { type: 'Decimal' }),
    size: t.expose('size', { type: 'Decimal' }),
    time: t.expose('time', { type: 'DateTime' }),
  }),
});

type ShownLevel = ReturnType<typeof presentLevels>[number];

const LevelRef = builder.objectRef<ShownLevel>('Level').implement({
  fields: (t) => ({
    price: t.expose('price', { type: 'Decimal' }),
    size: t.expose('size', { type: 'Decimal' }),
    orders: t.exposeInt('orders'),
  }),
});

/** Copied, since the levels of a snapshot are those of the living book. */
type ShownHalves = {
  readonly sequence: string;
  readonly time: string;
  readonly bids: ShownLevel[];
  readonly asks: ShownLevel[];
};

export function showBook({ book, product }: ShownBook): ShownHalves {
  const { feedSequence, time, bids, asks } = book;
  return {
    ...{ sequence: String(feedSequence), time: iso(time || Date.now()) },
    ...{ bids: presentLevels(bids, product), asks: presentLevels(asks, product) },
  };
}

export function depthIn({ depth }: { depth?: number | null | undefined }): number {
  const wanted = depth ?? 20;
  if (wanted < 1 || wanted > mostDepth) throw new BadRequest(`Invalid depth: must be 1 to ${mostDepth}`);
  return wanted;
}

export const BookRef = builder.objectRef<ShownHalves>('Book').implement({
  fields: (t) => ({
    sequence: t.exposeString('sequence', { description: 'The last event of the feed that is in it.' }),
    time: t.expose('time', { type: 'DateTime' }),
    bids: t.expose('bids', { type: [LevelRef], description: 'Best first.' }),
    asks: t.expose('asks', { type: [LevelRef], description: 'Best first.' }),
  }),
});

const TickerRef = builder.objectRef<ReturnType<typeof presentTicker>>('Ticker').implement({
  fields: (t) => ({
    tradeId: t.int({ nullable: true, resolve: (ticker) => ticker.trade_id }),
    price: t.expose('price', { type: 'Decimal', nullable: true }),
    size: t.expose('size', { type: 'Decimal', nullable: true }),
    time: t.expose('time', { type: 'DateTime', nullable: true }),
    bid: t.expose('bid', { type: 'Decimal', nullable: true }),
    ask: t.expose('ask', { type: 'Decimal', nullable: true }),
    volume: t.expose('volume', { type: 'Decimal', description: 'Of the last 24 hours.' }),
  }),
});

const CandleRef = builder
  .objectRef<{ readonly bucket: Bucket; readonly product: ListedProduct }>('Candle')
  .implement({
    fields: (t) => {
      const price = (name: 'open' | 'high' | 'low' | 'close') =>
        t.field({
          type: 'Decimal',
          resolve: ({ bucket, product }) => formatAmount(bucket[1][name], product.tick),
        });
      return {
        time: t.field({ type: 'DateTime', resolve: ({ bucket }) => iso(bucket[0] * 1_000) }),
        ...{ open: price('open'), high: price('high'), low: price('low'), close: price('close') },
        volume: t.field({
          type: 'Decimal',
          resolve: ({ bucket, product }) => formatAmount(bucket[1].volume, product.lot),
        }),
      };
    },
  });

/** Of each product several fields ask. */
const show = oncePer(presentProduct);

export const ProductRef = builder.objectRef<ListedProduct>('Product');
ProductRef.implement({
  fields: (t) => {
    const decimal = (name: 'quote_increment' | 'base_increment' | 'min_price' | 'max_price') =>
      t.field({ type: 'Decimal', resolve: (product) => show(product)[name] });
    const size = (name: 'base_min_size' | 'base_max_size') =>
      t.field({ type: 'Decimal', resolve: (product) => show(product)[name] });
    return {
      id: t.exposeID('productId'),
      baseCurrency: t.exposeString('baseCurrency'),
      quoteCurrency: t.exposeString('quoteCurrency'),
      ...{ quoteIncrement: decimal('quote_increment'), baseIncrement: decimal('base_increment') },
      ...{ minPrice: decimal('min_price'), maxPrice: decimal('max_price') },
      ...{ minSize: size('base_min_size'), maxSize: size('base_max_size') },
      funded: t.boolean({
        description: 'Orders are paid from accounts.',
        resolve: ({ funding }) => funding !== null,
      }),
      cancelOnly: t.boolean({ resolve: ({ status }) => status === 'cancel_only' }),
      auctionMode: t.boolean({
        description: 'Orders gather, and trade at one price once it ends.',
        resolve: ({ status }) => status === 'auction',
      }),
      auction: t.field({
        type: AuctionRef,
        ...{ nullable: true, complexity: 5, description: 'While it is in one.' },
        resolve: async (product, _args, { api }) => {
          await marketOf(api, product);
          return api.auctions.now(product);
        },
      }),
      tradingDisabled: t.boolean({ resolve: ({ status }) => status === 'offline' }),
      ticker: t.field({
        type: TickerRef,
        complexity: 5,
        resolve: async (product, _args, { api }) => {
          const marketData = await marketOf(api, product);
          return presentTicker(marketData.ticker(product.productId), product);
        },
      }),
      book: t.field({
        type: BookRef,
        args: { depth: t.arg.int({ description: `Prices a side: 1 to ${mostDepth}, 20 if not given.` }) },
        complexity: ({ depth }) => ({ field: 5 + (depth ?? 20) / 4 }),
        resolve: async (product, args, { api }) => {
          const depth = depthIn(args);
          const marketData = await marketOf(api, product);
          return showBook({ book: marketData.book(product.productId, depth), product });
        },
      }),
      candles: t.field({
        type: [CandleRef],
        description: 'Newest first; buckets without a trade are left out. Without both times, the latest.',
        args: {
          granularity: t.arg.int({ description: 'Seconds: 60, 300, 900, 3600, 21600 or 86400.' }),
          ...{ start: t.arg({ type: 'DateTime' }), end: t.arg({ type: 'DateTime' }) },
        },
        complexity: { field: 100, multiplier: 10 },
        resolve: async (product, { granularity, start, end }, { api }) => {
          const buckets = await listCandles(api, product, queryOf({ granularity, start, end }));
          return buckets.map((bucket) => ({ bucket, product }));
        },
      }),
      trades: t.connection({
        type: TradeRef,
        complexity: (args) => ({ field: 10, multiplier: lengthOf(args) }),
        resolve: (product, args, { api }) =>
          connectionOf(args, (query) => listTrades(api, product, query), {
            nodeOf: (trade) => presentTrade(trade, product),
          }),
      }),
    };
  },
});
