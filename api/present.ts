import type { Product } from '../core/product.ts';
import { formatAmount } from '../core/units.ts';
import type { ListedProduct } from './catalogue.ts';
import type { BookSnapshot, Level, Ticker } from './market-data/market-data.ts';
import type { OrderRecord } from './orders/record.ts';
import type { CurrencyRow } from './queries/load-currencies.ts';
import type { FillRow, TradeRow } from './queries/trades.ts';
import { rejectReasonText } from './reject-answers.ts';

const iso = (time: number): string => new Date(time).toISOString();

export function presentOrder(order: OrderRecord, product: Product) {
  const isLimit = order.price !== null;
  const price = order.amendedPrice ?? order.price;
  const size = isByFundsAlone(order, product) ? null : (order.amendedSize ?? order.size);
  const funds = order.funds === null ? undefined : formatAmount(order.funds, product.quoteUnit);
  return {
    id: String(order.orderId),
    product_id: order.productId,
    profile_id: String(order.traderId),
    side: order.side,
    type: isLimit ? 'limit' : 'market',
    price: price === null ? undefined : formatAmount(price, product.tick),
    size: size === null ? undefined : formatAmount(size, product.lot),
    funds,
    specified_funds: funds,
    time_in_force: isLimit ? order.timeInForce : undefined,
    post_only: order.postOnly,
    stp: order.selfTradePrevention === 'none' ? undefined : order.selfTradePrevention,
    client_oid: order.clientOid ?? undefined,
    created_at: iso(order.createdAt),
    done_at: order.doneAt === null ? undefined : iso(order.doneAt),
    done_reason: doneReasonText(order),
    reject_reason: order.rejectReason === null ? undefined : rejectReasonText(order.rejectReason),
    fill_fees: formatAmount(0, product.quoteUnit),
    filled_size: formatAmount(order.filledSize, product.lot),
    executed_value: formatAmount(order.executedValue, product.quoteUnit),
    status: order.status,
    settled: order.status === 'done',
  };
}

/** Such an order was sent without a size; it carries the product's largest as its bound. */
function isByFundsAlone({ funds, size }: OrderRecord, { maxSize }: Product): boolean {
  return funds !== null && size === maxSize;
}

function doneReasonText({ doneReason }: OrderRecord): 'filled' | 'canceled' | undefined {
  if (doneReason === null) return undefined;
  return doneReason === 'filled' ? 'filled' : 'canceled';
}

export function presentFill(fill: FillRow, traderId: number, product: Product) {
  const trader = String(traderId);
  return {
    trade_id: fill.tradeId,
    product_id: product.productId,
    order_id: String(fill.orderId),
    user_id: trader,
    profile_id: trader,
    liquidity: fill.liquidity,
    price: formatAmount(fill.price, product.tick),
    size: formatAmount(fill.size, product.lot),
    fee: formatAmount(0, product.quoteUnit),
    side: fill.side,
    settled: true,
    usd_volume: formatAmount(fill.price * fill.size, product.quoteUnit),
    created_at: iso(fill.createdAt),
  };
}

/** A public trade shows the maker's side. */
export function presentTrade(trade: TradeRow, product: Product) {
  return {
    trade_id: trade.tradeId,
    side: trade.takerSide === 'buy' ? 'sell' : 'buy',
    size: formatAmount(trade.size, product.lot),
    price: formatAmount(trade.price, product.tick),
    time: iso(trade.createdAt),
  };
}

export type BookLevel = 1 | 2 | 3;

/** Levels 1 and 2 show prices, 3 shows orders. */
export function presentBook(book: BookSnapshot, level: BookLevel, product: Product) {
  const rows = level === 3 ? orderRows : priceRows;
  return {
    sequence: book.feedSequence,
    bids: rows(book.bids, product),
    asks: rows(book.asks, product),
    auction_mode: false,
    auction: null,
    time: iso(book.time || Date.now()),
  };
}

function priceRows(levels: readonly Level[], { tick, lot }: Product) {
  return levels.map(({ price, size, orders }) => [
    formatAmount(price, tick),
    formatAmount(size, lot),
    orders.size,
  ]);
}

function orderRows(levels: readonly Level[], { tick, lot }: Product) {
  return levels.flatMap(({ price, orders }) => {
    const shownPrice = formatAmount(price, tick);
    return Array.from(orders.values(), ({ remaining, orderId }) => [
      shownPrice,
      formatAmount(remaining, lot),
      String(orderId),
    ]);
  });
}

export function presentTicker({ lastTrade, bestBid, bestAsk, volume }: Ticker, { tick, lot }: Product) {
  return {
    trade_id: lastTrade?.tradeId ?? null,
    price: lastTrade ? formatAmount(lastTrade.price, tick) : null,
    size: lastTrade ? formatAmount(lastTrade.size, lot) : null,
    time: lastTrade ? iso(lastTrade.time) : null,
    bid: bestBid === null ? null : formatAmount(bestBid, tick),
    ask: bestAsk === null ? null : formatAmount(bestAsk, tick),
    volume: formatAmount(volume, lot),
  };
}

export function presentProduct(product: ListedProduct) {
  const { tick, lot, quoteUnit, status } = product;
  return {
    id: product.productId,
    base_currency: product.baseCurrency,
    quote_currency: product.quoteCurrency,
    display_name: `${product.baseCurrency}/${product.quoteCurrency}`,
    quote_increment: formatAmount(1, tick),
    base_increment: formatAmount(1, lot),
    min_price: formatAmount(product.minPrice, tick),
    max_price: formatAmount(product.maxPrice, tick),
    base_min_size: formatAmount(product.minSize, lot),
    base_max_size: formatAmount(product.maxSize, lot),
    min_market_funds: formatAmount(product.minFunds, quoteUnit),
    max_market_funds: formatAmount(product.maxFunds, quoteUnit),
    stp: product.selfTradePrevention,
    status: status === 'offline' ? 'offline' : 'online',
    status_message: '',
    cancel_only: status === 'cancel_only',
    trading_disabled: status === 'offline',
    margin_enabled: false,
    post_only: false,
    limit_only: false,
    fx_stablecoin: false,
    auction_mode: false,
    max_slippage_percentage: '0.00000000',
  };
}

export function presentCurrency({ currency, name, kind, increment }: CurrencyRow) {
  return {
    id: currency,
    name,
    display_name: name,
    min_size: increment,
    max_precision: increment,
    status: 'online',
    convertible_to: [],
    details: {
      type: kind,
      symbol: kind === 'fiat' && currency === 'USD' ? '$' : currency,
      network_confirmations: 0,
      sort_order: 0,
      push_payment_methods: [],
      min_withdrawal_amount: 0,
      max_withdrawal_amount: 0,
    },
    default_network: '',
    supported_networks: [],
  };
}
