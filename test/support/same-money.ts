import type { ExecutionContext } from 'ava';
import { sql } from 'slonik';
import { z } from 'zod';
import { createLog } from '../../core/log.ts';
import type { Report } from '../../core/wire/reports.ts';
import { openPool } from '../../sql/pool.ts';
import type { Exchange } from './exchange.ts';
import type { Replay } from './history.ts';
import type { SeenTransfer } from './load.ts';
import { accountStates } from './naive-accounts.ts';

/** The money of PostgreSQL, a line of text each. */
type Money = {
  /** `<trader> <currency>` → `<balance> <hold>` */
  readonly accounts: Record<string, string>;
  /** In the order of their ids: `<sequence> <movement> <trader> <currency> <amount> <balance> <order> <trade> <transfer>`. */
  readonly ledger: readonly string[];
  /** Transfer id → `done`, or why it was refused. */
  readonly transfers: Record<string, string>;
};

const row = z.object({ line: z.string() });
const keyedRow = z.object({ key: z.string(), line: z.string() });

/**
 * Holds the money of PostgreSQL against the naive exchange: accounts, the whole ledger with its running balances, and what
 * clients were told of their transfers. That Redis has the same accounts is for the caller to see.
 */
export async function sameMoney(
  t: ExecutionContext,
  { databaseUrl }: Exchange,
  { replay, seen }: { replay: Replay; seen: readonly SeenTransfer[] },
): Promise<void> {
  const { accounts, ledger, transfers } = await readMoney(databaseUrl);
  t.deepEqual(accounts, naiveAccounts(replay));
  const expected = createLedger();
  for (const report of replay.reports) expected.add(report, replay);
  t.deepEqual(ledger, expected.lines);
  for (const [currency, sum] of expected.sums) t.is(sum, 0, `all movements of ${currency} sum to zero`);
  const told = seen.map(
    ({ transferId, done }) => [transferId, done ? 'done' : 'insufficient_funds'] as const,
  );
  t.deepEqual(transfers, Object.fromEntries(told));
  t.is(told.length, Object.keys(transfers).length);
}

async function readMoney(databaseUrl: string): Promise<Money> {
  const log = createLog('test', 'silent');
  const pool = await openPool(databaseUrl, log, { maxPoolSize: 1, statementTimeout: 30_000 });
  try {
    const accounts = await pool.any(sql.type(keyedRow)`
      select trader_id || ' ' || currency as key, balance || ' ' || hold as line from accounts`);
    const ledger = await pool.any(sql.type(row)`
      select concat_ws(' ', sequence, movement, trader_id, currency, amount, balance,
        coalesce(order_id::text, '-'), coalesce(trade_id::text, '-'), coalesce(transfer_id, '-')) as line
      from ledger order by id`);
    const transfers = await pool.any(sql.type(keyedRow)`
      select transfer_id as key, coalesce(reject_reason::text, 'done') as line from transfers`);
    return {
      accounts: Object.fromEntries(accounts.map(({ key, line }) => [key, line])),
      ledger: ledger.map(({ line }) => line),
      transfers: Object.fromEntries(transfers.map(({ key, line }) => [key, line])),
    };
  } finally {
    await pool.end();
  }
}

function naiveAccounts({ naive }: Replay): Record<string, string> {
  const states = accountStates(naive, naive.accounts.balances.keys());
  return Object.fromEntries(
    states.map(({ traderId, currency, available, hold }) => [
      `${traderId} ${currency}`,
      `${available + hold} ${hold}`,
    ]),
  );
}

type Entry = readonly [traderId: number, currency: string, amount: number, orderId?: number];

/** What the ledger must say, from what the naive exchange reports. */
function createLedger() {
  const lines: string[] = [];
  const balances = new Map<string, number>();
  const sums = new Map<string, number>();
  const addTo = (map: Map<string, number>, key: string, amount: number): number => {
    map.set(key, (map.get(key) ?? 0) + amount);
    return map.get(key)!;
  };
  const write = (what: string, [traderId, currency, amount, orderId]: Entry, ids: string): void => {
    addTo(sums, currency, amount);
    const balance = addTo(balances, `${traderId} ${currency}`, amount);
    lines.push(`${what} ${traderId} ${currency} ${amount} ${balance} ${orderId ?? '-'} ${ids}`);
  };
  const add = (report: Report, replay: Replay): void => {
    const { sequence, command } = report;
    if ('transferId' in command) {
      const what = `${sequence} ${command.kind}`;
      for (const entry of transferEntries(report)) write(what, entry, `- ${command.transferId}`);
    } else {
      for (const { tradeId, moved, fees } of tradesOf(report, replay)) {
        for (const entry of moved) write(`${sequence} match`, entry, `${tradeId} -`);
        for (const entry of fees) write(`${sequence} fee`, entry, `${tradeId} -`);
      }
    }
  };
  return { lines, sums, add };
}

function transferEntries({ command, rejectReason }: Report): Entry[] {
  if (!('transferId' in command) || rejectReason !== null) return [];
  const { kind, traderId, currency, amount } = command;
  const from = kind === 'deposit' ? 0 : traderId;
  const to = kind === 'deposit' ? traderId : kind === 'withdraw' ? 0 : command.toTraderId;
  return [
    [from, currency, -amount],
    [to, currency, amount],
  ];
}

type TradeEntries = { readonly tradeId: number; readonly moved: Entry[]; readonly fees: Entry[] };

/** Quote from buyer to seller, then base from seller to buyer, then the fees of maker and taker. */
function tradesOf({ events, productId }: Report, { naive }: Replay): TradeEntries[] {
  const funding = productId === null ? null : naive.products.get(productId)!.funding;
  if (!funding) return [];
  return events.flatMap((event) => {
    if (event.kind !== 'match') return [];
    const { tradeId, takerSide, makerFee, takerFee } = event;
    const maker = [event.makerTraderId, event.makerOrderId] as const;
    const taker = [event.takerTraderId, event.takerOrderId] as const;
    const [[buyer, bought], [seller, sold]] = takerSide === 'buy' ? [taker, maker] : [maker, taker];
    const value = event.price * event.size * funding.quoteUnits;
    const lots = event.size * funding.baseUnits;
    const { quoteCurrency, baseCurrency } = funding;
    const feeOf = ([trader, orderId]: typeof maker, units = 0): Entry[] =>
      units === 0
        ? []
        : [
            [trader, quoteCurrency, -units, orderId],
            [-1, quoteCurrency, units, orderId],
          ];
    return {
      tradeId,
      moved: [
        [buyer, quoteCurrency, -value, bought],
        [seller, quoteCurrency, value, sold],
        [seller, baseCurrency, -lots, sold],
        [buyer, baseCurrency, lots, bought],
      ],
      fees: [...feeOf(maker, makerFee?.units), ...feeOf(taker, takerFee?.units)],
    };
  });
}
