// What PostgreSQL has at its checkpoint, carried forward by the events to what Redis has matched.

import { sql } from 'slonik';
import { z } from 'zod';
import { applyReport, type OrderChange, unchanged } from '../../../core/order-change.ts';
import { feedNumbers, type Report } from '../../../core/wire/reports.ts';
import {
  decodeResting,
  encodeResting,
  noRestingTerms,
  type RestingOrder,
} from '../../../core/wire/resting-orders.ts';
import { restingLine } from '../../../sql/wire.ts';
import { accountText } from './redis-look.ts';
import type { Session } from './session.ts';

export type Carried = {
  /** By order id, the text that Redis should hold of each open order. */
  readonly orders: Map<string, string>;
  /** `<trader> <currency>` → what is available and on hold. */
  readonly accounts: Map<string, string>;
  readonly feeds: Map<string, { tradeId: number; feed: number }>;
  /** Traders who may cancel only. */
  readonly frozen: Set<string>;
  /** Traders and products that the events name. */
  readonly traderIds: Set<number>;
  readonly productIds: Set<string>;
  /** What the events do to orders that are not open. */
  readonly strange: string[];
};

const accountRow = z.object({
  trader: z.number(),
  currency: z.string(),
  balance: z.number(),
  hold: z.number(),
});
const feedRow = z.object({ product: z.string(), tradeId: z.number(), feed: z.number() });
const frozenRow = z.object({ trader: z.string() });
const productRow = z.object({ product: z.string() });

/** All but the open orders, which take longer. */
export async function loadAccounts({ connection, shard }: Session): Promise<Carried> {
  const accounts = await connection.any(sql.type(accountRow)`
    select trader_id as trader, currency, balance, hold from accounts where shard = ${shard}`);
  const products = await connection.any(
    sql.type(productRow)`select product_id as product from products where shard = ${shard}`,
  );
  const feeds = await connection.any(sql.type(feedRow)`
    select product_id as product, trade_id as "tradeId", feed_sequence as feed from feeds
    where not exists (select from products p where p.product_id = feeds.product_id and p.shard <> ${shard})`);
  const frozen = await connection.any(
    sql.type(frozenRow)`select trader_id::text as trader from frozen_traders where shard = ${shard}`,
  );
  const states = accounts.map(({ trader, currency, balance, hold }) => {
    return [`${trader} ${currency}`, accountText(balance - hold, hold)] as const;
  });
  return {
    orders: new Map(),
    accounts: new Map(states),
    feeds: new Map(feeds.map(({ product, tradeId, feed }) => [product, { tradeId, feed }])),
    frozen: new Set(frozen.map(({ trader }) => trader)),
    traderIds: new Set(accounts.map(({ trader }) => trader)),
    productIds: new Set([...products, ...feeds].map(({ product }) => product)),
    strange: [],
  };
}

const page = 10_000;
const pageRow = z.object({ lines: z.string().nullable() });

/** In the order of the index of open orders, page after page: `<id> <the text that Redis has>`, a line each. */
export async function loadOpenOrders(
  { connection, origin, checkpoint }: Session,
  { orders }: Carried,
): Promise<void> {
  let after = ['0', '-1'];
  for (;;) {
    const { lines } = await connection.one(sql.type(pageRow)`
      select string_agg(line, E'\n' order by trader_id, id) as lines from (
        select trader_id, id, id || ' ' || ${restingLine} as line
        from orders_now where status in ('open', 'active') and (trader_id, id) > (${after[1]!}::integer, ${after[0]!}::bigint)
          and id between ${origin} and ${checkpoint}
        order by trader_id, id limit ${page}
      ) o`);
    if (lines === null) return;
    for (const line of lines.split('\n')) {
      const space = line.indexOf(' ');
      orders.set(line.slice(0, space), line.slice(space + 1));
    }
    after = lines.slice(lines.lastIndexOf('\n') + 1).split(' ', 2);
  }
}

/** Does to the accounts and counters what the next report says. */
export function carryAccounts(carried: Carried, report: Report): void {
  for (const { traderId, currency, available, hold } of report.accounts) {
    carried.accounts.set(`${traderId} ${currency}`, accountText(available, hold));
    carried.traderIds.add(traderId);
  }
  if (report.productId === null) {
    const { command } = report;
    if (command.kind === 'product') carried.productIds.add(command.productId);
    if (command.kind === 'freeze') carried.frozen.add(String(command.traderId));
    if (command.kind === 'unfreeze') carried.frozen.delete(String(command.traderId));
    return;
  }
  const trade = report.events.findLast((event) => event.kind === 'match');
  const tradeId = trade?.tradeId ?? carried.feeds.get(report.productId)?.tradeId ?? 0;
  carried.feeds.set(report.productId, { tradeId, feed: report.feedSequence + feedNumbers(report) });
}

/** Does to the open orders what the next report says. */
export function carryOrders(carried: Carried, report: Report): void {
  const changes = new Map<number, OrderChange>();
  applyReport(report, (orderId) => {
    const change = changes.get(orderId) ?? unchanged();
    changes.set(orderId, change);
    return change;
  });
  for (const [orderId, change] of changes) {
    const before = orderBefore(carried, report, orderId);
    if (before === null) {
      if (change.status !== 'rejected')
        carried.strange.push(`sequence ${report.sequence} changes order ${orderId}, which is not open`);
    } else if (change.status === 'done') carried.orders.delete(String(orderId));
    else carried.orders.set(String(orderId), encodeResting(changed(before, change)));
  }
}

/** The order as it was before the report: as the command places it, or as it rested. */
function orderBefore(
  carried: Carried,
  { sequence, command, rejectReason }: Report,
  orderId: number,
): RestingOrder | null {
  if (orderId === sequence && command.kind === 'place') {
    if (rejectReason !== null) return null;
    return { ...noRestingTerms, ...command, remaining: command.size, place: sequence };
  }
  const text = carried.orders.get(String(orderId));
  return text === undefined ? null : decodeResting(text);
}

function changed(order: RestingOrder, change: OrderChange): RestingOrder {
  const size = change.amendedSize ?? order.size;
  const filled = (order.size ?? 0) - (order.remaining ?? 0) - (order.hidden ?? 0) + change.filledSize;
  const waits =
    change.status === 'active' ||
    (order.stop !== null && change.activatedAt === null && change.status === null);
  const hidden = waits ? null : (change.hidden ?? order.hidden);
  return {
    ...order,
    size,
    remaining: size === null ? null : size - filled - (hidden ?? 0),
    hidden: hidden || null,
    price: change.amendedPrice ?? order.price,
    place: change.place ?? order.place,
    stop: waits ? order.stop : null,
    stopPrice: waits ? (change.amendedStopPrice ?? order.stopPrice) : null,
    funds: waits ? order.funds : null,
    expireTime: change.amendedExpireTime ?? order.expireTime,
    turn: change.turn === null ? order.turn : change.turn || null,
    makerRate: (change.fees?.makerRate ?? order.makerRate) || null,
    takerRate: (change.fees?.takerRate ?? order.takerRate) || null,
    over: (change.fees?.over ?? order.over) || null,
  };
}
