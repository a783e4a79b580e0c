import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { findOrders } from '../../api/orders/queries/orders.ts';
import { recordOf } from '../../api/orders/record.ts';
import { createLog } from '../../core/log.ts';
import { applyReport, type OrderChange, unchanged } from '../../core/order-change.ts';
import { type Command, decodeCommand, type Place } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';
import { openPool } from '../../sql/pool.ts';
import { applyAllNaively, newNaiveExchange } from './naive-book.ts';
import type { NaiveExchange } from './naive-exchange.ts';

export type OrderRow = Awaited<ReturnType<typeof findOrders>>[number];
export type ExpectedTrade = Record<'product' | 'taker_side', string> &
  Record<
    'trade_id' | 'sequence' | 'maker' | 'taker' | 'price' | 'size' | 'maker_trader' | 'taker_trader',
    number
  > &
  Record<'maker_fee' | 'taker_fee', number | null>;

/** What PostgreSQL holds of everything that ever happened: each sequence's command, the orders and the trades. */
export type History = {
  /** The command of sequence 1 comes first, and none is missing. */
  readonly commands: readonly Command[];
  readonly orders: readonly OrderRow[];
  readonly trades: readonly ExpectedTrade[];
};

const whole = z.number();
const commandRow = z.object({ sequence: whole, line: z.string() });
const tradeRow = z.object({
  ...{
    product: z.string(),
    taker_side: z.string(),
    trade_id: whole,
    sequence: whole,
    maker: whole,
    taker: whole,
  },
  ...{ price: whole, size: whole, maker_trader: whole, taker_trader: whole },
  ...{ maker_fee: whole.nullable(), taker_fee: whole.nullable() },
});

export async function readHistory(databaseUrl: string): Promise<History> {
  const pool = await openPool(databaseUrl, createLog('test', 'silent'), {
    maxPoolSize: 1,
    statementTimeout: 30_000,
  });
  try {
    const orders = await readOrders(pool);
    const others = await pool.any(sql.type(commandRow)`select sequence, line from commands`);
    const trades = await pool.any(sql.type(tradeRow)`
      select product_id as product, taker_side, trade_id, sequence, maker_order_id as maker, taker_order_id as taker,
        price, size, maker_trader_id as maker_trader, taker_trader_id as taker_trader, maker_fee, taker_fee
      from trades order by product_id, trade_id`);
    const commands: Command[] = [];
    const requestIds = await readRequestIds(pool);
    for (const { sequence, line } of others) {
      const command = decodeCommand(line);
      if (command.requestId !== (requestIds.get(sequence) ?? null))
        throw new Error(`PostgreSQL has another request of sequence ${sequence} than its command`);
      put(commands, sequence, command);
    }
    for (const order of orders) put(commands, order.orderId, placeIn(order, requestIds.get(order.orderId)!));
    for (let i = 0; i < commands.length; i++)
      if (!commands[i]) throw new Error(`PostgreSQL lacks the command of sequence ${i + 1}`);
    return { commands, orders, trades };
  } finally {
    await pool.end();
  }
}

const requestRow = z.object({ first: whole, last: whole, request: z.string() });

/** By sequence, the request that it was given to. */
async function readRequestIds(pool: DatabasePool): Promise<ReadonlyMap<number, string>> {
  const rows = await pool.any(sql.type(requestRow)`
    select first_sequence as first, last_sequence as last, request_id as request from requests`);
  const ids = new Map<number, string>();
  for (const { first, last, request } of rows)
    for (let sequence = first; sequence <= last; sequence++) ids.set(sequence, request);
  return ids;
}

const idRow = z.object({ id: whole });

async function readOrders(pool: DatabasePool): Promise<readonly OrderRow[]> {
  const ids = await pool.any(sql.type(idRow)`select id from orders order by id`);
  const orders = await findOrders(
    pool,
    ids.map(({ id }) => id),
  );
  return [...orders].sort((a, b) => a.orderId - b.orderId);
}

function put(commands: Command[], sequence: number, command: Command): void {
  if (commands[sequence - 1]) throw new Error(`PostgreSQL has two commands of sequence ${sequence}`);
  commands[sequence - 1] = command;
}

function placeIn(order: OrderRow, requestId: string): Place {
  const { traderId, productId, side, price, size, funds, timeInForce, postOnly, selfTradePrevention } = order;
  return {
    ...{ kind: 'place', traderId, productId, side, price, size, funds, timeInForce, postOnly },
    ...{ stop: order.stop, stopPrice: order.stopPrice, expireTime: order.expireTime },
    maxFloor: order.maxFloor,
    ...{ selfTradePrevention, clientOid: order.clientOid, time: order.createdAt, requestId },
  };
}

/** What the naive exchange makes of the same commands, in the terms of the tables. */
export type Replay = Omit<History, 'commands'> & {
  readonly reports: readonly Report[];
  readonly naive: NaiveExchange;
};

export function replayNaively(commands: readonly Command[]): Replay {
  const naive = newNaiveExchange();
  const reports = applyAllNaively(naive, commands);
  const changes = new Map<number, OrderChange>();
  for (const report of reports)
    applyReport(report, (orderId) => {
      if (!changes.has(orderId)) changes.set(orderId, unchanged());
      return changes.get(orderId)!;
    });
  const orders = reports.flatMap(({ sequence, command }) => {
    if (command.kind !== 'place') return [];
    const { place: _, turn: __, hidden: ___, fees, ...change } = changes.get(sequence)!;
    const paid = { fillFees: fees?.units ?? 0, takerRate: fees?.takerRate ?? null };
    return [{ ...recordOf(sequence, command, null), ...change, ...paid } as OrderRow];
  });
  const trades = reports.flatMap(tradesIn).sort(byProductAndId);
  return { reports, naive, orders, trades };
}

function tradesIn(report: Report): ExpectedTrade[] {
  const { sequence, productId, events } = report;
  return events.flatMap((event) => {
    if (event.kind !== 'match') return [];
    return {
      ...{ product: productId!, taker_side: event.takerSide, trade_id: event.tradeId, sequence },
      ...{ maker: event.makerOrderId, taker: event.takerOrderId, price: event.price, size: event.size },
      ...{ maker_trader: event.makerTraderId, taker_trader: event.takerTraderId },
      ...{ maker_fee: event.makerFee?.units ?? null, taker_fee: event.takerFee?.units ?? null },
    };
  });
}

function byProductAndId(a: ExpectedTrade, b: ExpectedTrade): number {
  return a.product < b.product ? -1 : a.product > b.product ? 1 : a.trade_id - b.trade_id;
}
