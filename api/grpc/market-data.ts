import type { Api } from '../api.ts';
import { BadRequest } from '../errors.ts';
import { iso } from '../http/iso.ts';
import { queryOf } from '../http/query.ts';
import { listTrades } from '../market-data/list.ts';
import { marketOf } from '../market-data/market-of.ts';
import { presentLevels, presentTicker, presentTrade } from '../market-data/presentation.ts';
import { productById } from '../products/named-product.ts';
import { presentProduct } from '../products/presentation.ts';
import type { Calls } from './calls.ts';
import type { ExchangeServer } from './generated/cardstock/v1/exchange.ts';
import { auctionMessage } from './market-messages.ts';
import { cursorsMessage, pageFields } from './pages.ts';
import { sides } from './words.ts';

const usualDepth = 50;
const mostDepth = 1_000;

type MarketDataCalls = Pick<
  ExchangeServer,
  'listProducts' | 'getProduct' | 'getBook' | 'getTicker' | 'listTrades'
>;

export function marketDataCalls(api: Api, { forAll }: Calls): MarketDataCalls {
  return {
    listProducts: forAll(() => ({ products: api.catalogue.products().map(presentProduct) })),
    getProduct: forAll(({ product_id }) => ({ product: presentProduct(productById(api, product_id)) })),
    getBook: forAll(async ({ product_id, depth }) => {
      const product = productById(api, product_id);
      if (depth > mostDepth) throw new BadRequest(`Invalid depth: must be at most ${mostDepth}`);
      const marketData = await marketOf(api, product);
      const auction = await api.auctions.now(product);
      const { feedSequence, time, bids, asks } = marketData.book(product_id, depth || usualDepth);
      return {
        ...{ sequence: feedSequence, time: iso(time || Date.now()) },
        bids: presentLevels(bids, product),
        asks: presentLevels(asks, product),
        auction: auction ? auctionMessage(auction) : undefined,
      };
    }),
    getTicker: forAll(async ({ product_id }) => {
      const product = productById(api, product_id);
      const marketData = await marketOf(api, product);
      const ticker = presentTicker(marketData.ticker(product_id), product);
      return {
        ...{ trade_id: ticker.trade_id ?? 0, price: ticker.price ?? '', size: ticker.size ?? '' },
        ...{ time: ticker.time ?? undefined, bid: ticker.bid ?? '', ask: ticker.ask ?? '' },
        volume: ticker.volume,
      };
    }),
    listTrades: forAll(async (asked) => {
      const product = productById(api, asked.product_id);
      const listed = await listTrades(api, product, queryOf(pageFields(asked)));
      const { before, after } = cursorsMessage(listed);
      const trades = listed.rows.map((row) => {
        const trade = presentTrade(row, product);
        return { ...trade, side: sides.numberOf(trade.side) };
      });
      return { trades, before, after };
    }),
  };
}
