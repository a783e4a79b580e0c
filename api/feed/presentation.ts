import type { DoneReason } from '../../core/order.ts';
import type { Product } from '../../core/product.ts';
import { formatAmount, formatRate } from '../../core/units.ts';
import type { Change, Done, Fee, Match } from '../../core/wire/reports.ts';
import { iso } from '../http/iso.ts';
import type { FeedEvent, FeedOrder, Received } from './events.ts';

/** An event as everybody may see it: of an iceberg, what it shows. */
export function presentEvent(feedEvent: FeedEvent, product: Product): Record<string, unknown> {
  const { event } = feedEvent;
  switch (event.kind) {
    case 'received':
      return { ...head(feedEvent), ...receivedFields(feedEvent.order, event, product) };
    case 'open':
      return { ...head(feedEvent), ...remainingFields(feedEvent, event.remaining, product) };
    case 'match':
      return matchFields(feedEvent, event, product);
    case 'done':
      return { ...head(feedEvent), ...doneFields(feedEvent, event, product) };
    case 'change':
      return { ...head(feedEvent), ...changeFields(feedEvent, event, product) };
  }
}

/** The same event as a trader sees it who is a party to it. */
export function presentOwnEvent(
  feedEvent: FeedEvent,
  traderId: number,
  product: Product,
): Record<string, unknown> {
  const trader = String(traderId);
  return {
    ...presentEvent(feedEvent.order.traderId === traderId ? whole(feedEvent) : feedEvent, product),
    user_id: trader,
    profile_id: trader,
    ...ownFields(feedEvent, traderId),
  };
}

/** The same event with all that remains of an iceberg. What did before a change is not known then. */
function whole(feedEvent: FeedEvent): FeedEvent {
  const { event } = feedEvent;
  if (event.kind === 'match' || !event.hidden) return feedEvent;
  if (event.kind === 'received')
    return { ...feedEvent, event: { ...event, size: event.size! + event.hidden } };
  return { ...feedEvent, before: null, event: { ...event, remaining: event.remaining! + event.hidden } };
}

function head({ event, report, productId, sequence, order }: FeedEvent) {
  return {
    type: event.kind,
    time: iso(report.command.time),
    product_id: productId,
    sequence,
    order_id: String(order.orderId),
    side: order.side,
  };
}

function receivedFields(order: FeedOrder, { size, funds }: Received, { tick, lot, quoteUnit }: Product) {
  return {
    order_type: order.price === null ? 'market' : 'limit',
    size: size === null ? undefined : formatAmount(size, lot),
    price: order.price === null ? undefined : formatAmount(order.price, tick),
    funds: funds === null ? undefined : formatAmount(funds, quoteUnit),
  };
}

/** Of limit orders only. */
function remainingFields({ order }: FeedEvent, remaining: number | null, { tick, lot }: Product) {
  if (order.price === null || remaining === null) return {};
  return { price: formatAmount(order.price, tick), remaining_size: formatAmount(remaining, lot) };
}

function matchFields(
  { report, productId, sequence, order, taker }: FeedEvent,
  match: Match,
  product: Product,
) {
  return {
    ...{ type: 'match', trade_id: match.tradeId, sequence },
    ...{ maker_order_id: String(order.orderId), taker_order_id: String(taker!.orderId) },
    ...{ time: iso(report.command.time), product_id: productId },
    ...{ size: formatAmount(match.size, product.lot), price: formatAmount(match.price, product.tick) },
    side: order.side,
  };
}

function doneFields(feedEvent: FeedEvent, { reason, remaining }: Done, product: Product) {
  return {
    reason: reason === 'filled' ? 'filled' : 'canceled',
    ...remainingFields(feedEvent, remaining, product),
  };
}

function changeFields(
  { order, before, restedAt }: FeedEvent,
  change: Omit<Change, 'size'>,
  { tick, lot }: Product,
) {
  const price = order.price === null ? null : formatAmount(order.price, tick);
  const sizes = {
    old_size: before === null ? null : formatAmount(before, lot),
    new_size: formatAmount(change.remaining, lot),
    price,
  };
  if (change.why === 'self_trade') return { reason: 'STP', ...sizes };
  const oldPrice = restedAt === null ? null : formatAmount(restedAt, tick);
  return { reason: 'modify_order', ...sizes, old_price: oldPrice, new_price: price };
}

/** What only a party may know. A request is named to the trader who made it. */
function ownFields({ event, report, order, taker }: FeedEvent, traderId: number) {
  const { command } = report;
  const isOwn = 'traderId' in command && command.traderId === traderId;
  const request = isOwn && command.requestId !== null ? { request_id: command.requestId } : {};
  switch (event.kind) {
    case 'received':
      return {
        ...request,
        client_oid: (event.activated === null && command.kind === 'place' && command.clientOid) || undefined,
      };
    case 'match':
      return {
        ...request,
        ...(order.traderId === traderId ? sideFields('maker', traderId, event.makerFee) : {}),
        ...(taker?.traderId === traderId ? sideFields('taker', traderId, event.takerFee) : {}),
      };
    case 'done':
      return { ...request, cancel_reason: cancelReasons[event.reason] };
    default:
      return request;
  }
}

/** CCXT tells maker and taker apart by which of the rates is there. */
function sideFields(role: 'maker' | 'taker', traderId: number, fee: Fee | undefined) {
  const trader = String(traderId);
  return {
    [`${role}_user_id`]: trader,
    [`${role}_profile_id`]: trader,
    [`${role}_fee_rate`]: formatRate(fee?.rate ?? 0),
  };
}

export const cancelReasons: Record<DoneReason, string | undefined> = {
  filled: undefined,
  canceled: undefined,
  time_in_force: '101:Time In Force',
  self_trade: '102:Self Trade Prevention',
  no_liquidity: '106:Insufficient Liquidity',
  maker_limit: '108:Maker Limit',
  size_limit: '109:Size Limit',
  price_collar: '110:Price Collar',
  expired: '101:Time In Force',
};
