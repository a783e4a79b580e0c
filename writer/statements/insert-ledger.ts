import { type Columns, copyRows, type Statement } from '../../sql/copy.ts';
import { bigint, integer, text, timestamptz } from '../../sql/copy-rows.ts';
import type { LedgerRow } from '../money.ts';

type Row = LedgerRow & { readonly balance: number };

const columns: Columns<Row> = {
  sequence: bigint(({ sequence }) => sequence),
  amount: bigint(({ amount }) => amount),
  balance: bigint(({ balance }) => balance),
  trade_id: bigint(({ tradeId }) => tradeId),
  order_id: bigint(({ orderId }) => orderId),
  created_at: timestamptz(({ time }) => time),
  trader_id: integer(({ traderId }) => traderId),
  movement: text(({ movement }) => movement),
  currency: text(({ currency }) => currency),
  product_id: text(({ productId }) => productId),
  transfer_id: text(({ transferId }) => transferId),
};

/** Ids follow the order of the rows. The table refuses rows that do not sum to zero for each command and currency. */
export function insertLedger(rows: readonly Row[]): Statement {
  return copyRows('ledger', columns, rows);
}
