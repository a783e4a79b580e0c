import { formatAmount } from '../../../core/units.ts';
import { iso } from '../../http/iso.ts';
import type { LastTrade, Ticker } from '../../market-data/market-data.ts';
import type { ListedProduct } from '../../products/catalogue.ts';
import type { Shards } from '../../shard/shards.ts';
import type { Channel } from '../channel.ts';
import type { FeedEvent } from '../events.ts';
import { textFrame } from '../frame.ts';
import type { Hub, Topic } from '../hub.ts';

type Traded = { readonly event: FeedEvent; readonly product: ListedProduct; readonly topic: Topic };

/** One message a trade, with the best prices and the day as they are after the matching run; at first the last one. */
export function tickerChannel(hub: Hub, shards: Shards): Channel {
  let traded: Traded[] = [];
  const tickerOf = (product: ListedProduct): Ticker =>
    shards.ofProduct(product).marketData.ticker(product.productId);
  return {
    name: 'ticker',
    of: 'products',
    greet: (product) => lastTick(shards, product!),
    onEvent: (event, { product, topics }) => {
      if (event.event.kind !== 'match') return;
      const topic = topics?.get('ticker');
      if (topic) traded.push({ event, product, topic });
    },
    onRunEnd: () => {
      if (traded.length === 0) return;
      const run = traded;
      traded = [];
      for (const { event, product, topic } of run) {
        const tick = { sequence: event.sequence, trade: tradeOf(event) };
        hub.publish(topic, textFrame(JSON.stringify(presentTick(product, tickerOf(product), tick))));
      }
    },
  };
}

/** The last trade as a message, if there was one. */
export function lastTick(shards: Shards, product: ListedProduct): Buffer[] {
  const { marketData } = shards.ofProduct(product);
  const ticker = marketData.ticker(product.productId);
  if (!ticker.lastTrade) return [];
  const tick = { sequence: marketData.feedSequence(product.productId), trade: ticker.lastTrade };
  return [textFrame(JSON.stringify(presentTick(product, ticker, tick)))];
}

type Trade = Pick<LastTrade, 'tradeId' | 'takerSide' | 'price' | 'size' | 'time'>;

function tradeOf({ event, report }: FeedEvent): Trade {
  if (event.kind !== 'match') throw new TypeError(`a ${event.kind} trades nothing`);
  return { ...event, time: report.command.time };
}

function presentTick(
  { productId, tick, lot }: ListedProduct,
  { bestBid, bestAsk, stats }: Ticker,
  { sequence, trade }: { sequence: number; trade: Trade },
) {
  const price = (ticks: number | undefined | null): string => formatAmount(ticks ?? 0, tick);
  return {
    ...{ type: 'ticker', sequence, product_id: productId },
    price: price(trade.price),
    open_24h: price(stats.open),
    volume_24h: formatAmount(stats.volume, lot),
    low_24h: price(stats.low),
    high_24h: price(stats.high),
    volume_30d: formatAmount(stats.volume30Days, lot),
    best_bid: price(bestBid?.price),
    best_bid_size: formatAmount(bestBid?.size ?? 0, lot),
    best_ask: price(bestAsk?.price),
    best_ask_size: formatAmount(bestAsk?.size ?? 0, lot),
    side: trade.takerSide,
    time: iso(trade.time),
    trade_id: trade.tradeId,
    last_size: formatAmount(trade.size, lot),
  };
}
