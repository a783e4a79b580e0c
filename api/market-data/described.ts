import { z } from 'zod';
import { type Described, decimalText, idText, page, sideText, timeText } from '../openapi/described.ts';

export const auction = z
  .object({
    open_price: decimalText.nullable(),
    open_size: decimalText,
    imbalance_side: sideText.nullable(),
    imbalance_size: decimalText.meta({ description: 'By how much that side has more at the price' }),
    best_bid_price: decimalText.nullable(),
    best_bid_size: decimalText.nullable(),
    best_ask_price: decimalText.nullable(),
    best_ask_size: decimalText.nullable(),
    auction_state: z.enum(['collection', 'suspended', 'complete']),
    can_open: z.enum(['yes', 'no']),
    time: timeText,
  })
  .meta({ description: 'What an auction comes to if it ends now, or came to as it ended.' });
const gathering = auction.extend({ auction_state: z.literal('collection') }).meta({
  description: 'What would trade, and at which price, if the auction ended now; `no` if nothing would.',
});

const bookOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    sequence: z.int(),
    bids: z.array(row),
    asks: z.array(row),
    auction_mode: z.boolean(),
    auction: gathering.nullable(),
    time: timeText,
  });
const bookRow = z
  .tuple([decimalText, decimalText, z.int()])
  .meta({ id: 'BookRow', description: 'Price, size, and how many orders' });
const bookOrder = z
  .tuple([decimalText, decimalText, idText])
  .meta({ id: 'BookOrder', description: 'Price, size, and the order’s id' });
const book = bookOf(bookRow).meta({ id: 'Book' });
const fullBook = bookOf(bookOrder).meta({ id: 'FullBook' });

const ticker = z
  .object({
    trade_id: z.int().nullable(),
    price: decimalText.nullable(),
    size: decimalText.nullable(),
    time: timeText.nullable(),
    bid: decimalText.nullable(),
    ask: decimalText.nullable(),
    volume: decimalText,
  })
  .meta({ id: 'Ticker' });
const stats = z
  .object({
    open: decimalText.nullable(),
    high: decimalText.nullable(),
    low: decimalText.nullable(),
    last: decimalText.nullable(),
    volume: decimalText,
    volume_30day: decimalText,
  })
  .meta({ id: 'Stats' });
const trade = z
  .object({ trade_id: z.int(), side: sideText, size: decimalText, price: decimalText, time: timeText })
  .meta({ id: 'Trade', description: 'The side is the maker’s' });
const candle = z
  .tuple([z.int(), z.number(), z.number(), z.number(), z.number(), z.number()])
  .meta({ id: 'Candle', description: 'Time in seconds, low, high, open, close, volume' });
const spark = z
  .tuple([z.int(), z.number(), z.number(), z.number(), z.number()])
  .meta({ id: 'Spark', description: 'Time in seconds, low, high, open, close' });

export const marketDataDescribed = {
  'GET /products/:id/book': {
    tag: 'Market data',
    summary: 'The book: its best prices, all prices, or all orders',
    description: 'Rows are price, size, and the number of orders; at level 3 the order’s id.',
    query: z.object({ level: z.string().optional().meta({ description: '1, the default, 2 or 3' }) }),
    answer: z.union([book, fullBook]),
  },
  'GET /products/:id/ticker': {
    tag: 'Market data',
    summary: 'The last trade and the best prices',
    answer: ticker,
  },
  'GET /products/:id/stats': {
    tag: 'Market data',
    summary: 'The last 24 hours, and the volume of 30 days',
    answer: stats,
  },
  'GET /products/:id/trades': {
    tag: 'Market data',
    summary: 'Trades, the newest first; the side is the maker’s',
    query: page,
    answer: z.array(trade),
  },
  'GET /products/:id/candles': {
    tag: 'Market data',
    summary: 'Candles, the newest first: time in seconds, low, high, open, close, volume',
    query: z.object({
      granularity: z.string().optional().meta({ description: '60, 300, 900, 3600, 21600 or 86400 seconds' }),
      start: z.string().optional().meta({ description: 'ISO 8601, or seconds since 1970' }),
      end: z.string().optional().meta({ description: 'ISO 8601, or seconds since 1970' }),
    }),
    answer: z.array(candle),
  },
  'GET /products/spark-lines': {
    tag: 'Market data',
    summary: 'A few candles of every product',
    answer: z.record(z.string(), z.array(spark)),
  },
} satisfies Record<string, Described>;
