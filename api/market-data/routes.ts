import type { Api } from '../api.ts';
import { BadRequest } from '../errors.ts';
import { answerListedTexts } from '../http/listed.ts';
import { readQuery } from '../http/query.ts';
import type { PublicRoutes } from '../http/routes.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import { namedProduct } from '../products/named-product.ts';
import { thoseThere } from '../shard/shards.ts';
import { sparkLine } from './candles.ts';
import { listCandles, listTrades } from './list.ts';
import { marketOf } from './market-of.ts';
import {
  type BookLevel,
  candlesText,
  presentStats,
  presentTicker,
  sparkLineText,
  tradeText,
} from './presentation.ts';

const sparkLinesEveryMs = 1_000;

const levels = new Map<string, BookLevel>([
  ['1', 1],
  ['2', 2],
  ['3', 3],
]);

export function marketDataRoutes(routes: PublicRoutes, api: Api): void {
  routes.get('/products/:id/trades', async (ctx) => {
    const product = namedProduct(api, ctx);
    const trades = await listTrades(api, product, readQuery(ctx.querystring));
    answerListedTexts(ctx, trades, (trade) => tradeText(trade, product));
  });

  routes.get('/products/:id/book', async (ctx) => {
    const product = namedProduct(api, ctx);
    const level = levels.get(readQuery(ctx.querystring).one('level') ?? '1');
    if (level === undefined) throw new BadRequest('Invalid level: must be 1, 2 or 3');
    await marketOf(api, product);
    const text = await api.shards.ofProduct(product).bookTexts(product, level);
    ctx.type = 'json';
    ctx.body = text;
  });

  routes.get('/products/:id/ticker', async (ctx) => {
    const product = namedProduct(api, ctx);
    const marketData = await marketOf(api, product);
    ctx.body = presentTicker(marketData.ticker(product.productId), product);
  });

  routes.get('/products/:id/stats', async (ctx) => {
    const product = namedProduct(api, ctx);
    const marketData = await marketOf(api, product);
    ctx.body = presentStats(marketData.ticker(product.productId), product);
  });

  routes.get('/products/:id/candles', async (ctx) => {
    const product = namedProduct(api, ctx);
    const buckets = await listCandles(api, product, readQuery(ctx.querystring));
    ctx.type = 'json';
    ctx.body = candlesText(buckets, product);
  });
}

/** Of all products, so made once a second at most. Its path is one that a product's would fit. */
export function sparkLineRoutes(routes: PublicRoutes, { catalogue, shards }: Api): void {
  let made = { at: 0, text: '' };
  routes.get('/products/spark-lines', async (ctx) => {
    if (Date.now() - made.at >= sparkLinesEveryMs) {
      const { away } = await thoseThere(shards.all, ({ marketData }) => marketData.caughtUp());
      const isThere = ({ shard }: ListedProduct): boolean => !away.some(({ name }) => name === shard);
      const products = catalogue.products().filter(isThere);
      const lines = products.map((product) => {
        const buckets = sparkLine(shards.ofProduct(product).marketData, product);
        return `${JSON.stringify(product.productId)}:${sparkLineText(buckets, product)}`;
      });
      made = { at: Date.now(), text: `{${lines.join(',')}}` };
    }
    ctx.type = 'json';
    ctx.body = made.text;
  });
}
