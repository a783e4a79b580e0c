// All checks of what PostgreSQL holds, partition by partition: no query sorts or holds more than one partition.

import { sql } from 'slonik';
import { z } from 'zod';
import { type Checks, compare } from './checks.ts';
import type { Range, Session } from './session.ts';
import {
  type Balances,
  checkBalances,
  checkCurrencies,
  checkFeeRows,
  checkHolds,
  checkRunningBalances,
  checkTradeRows,
  checkTransferRows,
  checkTransfers,
} from './statements/ledger.ts';
import { checkNotices } from './statements/notices.ts';
import { checkEnds, checkOutcomes, checkSequence } from './statements/sequence.ts';
import { checkShardTransfers } from './statements/shard-transfers.ts';
import { checkClientOids, checkFills, checkTradeIds, type LastTrades } from './statements/trades.ts';

type Progress = (done: number, all: number, next: string) => void;
type Step = readonly [what: string, check: (range: Range) => Promise<void>];

export async function checkRecord(session: Session, checks: Checks, progress: Progress): Promise<void> {
  const last: LastTrades = new Map();
  const balances: Balances = new Map();
  const steps: Step[] = [
    ['the sequence', (range) => checkSequence(session, range, checks)],
    ['outcomes', (range) => checkOutcomes(session, range, checks)],
    ['fills', (range) => checkFills(session, range, checks)],
    ['trade ids', (range) => checkTradeIds(session, range, { checks, last })],
    ['client order ids', (range) => checkClientOids(session, range, checks)],
    ['transfers', (range) => checkTransfers(session, range, checks)],
    ['ledger rows of trades', (range) => checkTradeRows(session, range, checks)],
    ['ledger rows of fees', (range) => checkFeeRows(session, range, checks)],
    ['ledger rows of transfers', (range) => checkTransferRows(session, range, checks)],
    ['notices', (range) => checkNotices(session, range, checks)],
    ['running balances', (range) => checkRunningBalances(session, range, { checks, balances })],
  ];
  const all = session.ranges.length * steps.length;
  let done = 0;
  for (const [i, range] of session.ranges.entries()) {
    for (const [what, check] of steps) {
      progress(done++, all, `${what}, partition ${i + 1} of ${session.ranges.length}`);
      await check(range);
    }
  }
  progress(done, all, 'accounts');
  await checkEnds(session, checks);
  await checkLastTrades(session, checks, last);
  await checkBalances(session, checks, balances);
  await checkCurrencies(session, checks);
  await checkHolds(session, checks);
  await checkShardTransfers(session, checks);
}

const feedRow = z.object({ product: z.string(), tradeId: z.number() });

/** A product whose trades are all in archives says nothing here. */
async function checkLastTrades(
  { connection, shard, isWhole }: Session,
  checks: Checks,
  last: LastTrades,
): Promise<void> {
  const feeds = await connection.any(sql.type(feedRow)`
    select product_id as product, trade_id as "tradeId" from feeds
    where not exists (select from products p where p.product_id = feeds.product_id and p.shard <> ${shard})`);
  const expected = new Map(feeds.map(({ product, tradeId }) => [product, tradeId]));
  const products = isWhole ? new Set([...expected.keys(), ...last.keys()]) : last.keys();
  for (const product of products)
    compare(checks['trade ids'], `the last trade of ${product}`, {
      expected: String(expected.get(product) ?? 0),
      found: String(last.get(product) ?? 0),
    });
}
