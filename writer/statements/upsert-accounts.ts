import { sql } from 'slonik';
import type { Statement } from '../../sql/copy.ts';
import { LostReportsError } from '../errors.ts';
import type { AccountRow } from '../money.ts';
import { column, texts } from './columns.ts';

/**
 * Takes over the accounts as the matcher left them. Each must be what PostgreSQL had plus what the ledger rows of the batch
 * moved; throws if one is not, because then Redis and PostgreSQL have parted. Only an account that was empty can be a new one.
 */
export function upsertAccounts(shard: string, accounts: readonly AccountRow[]): Statement {
  const insert = insertEmpty(
    shard,
    accounts.filter(({ available, hold, moved }) => available + hold === moved),
  );
  const update = sql.unsafe`
    update accounts a set balance = c.balance, hold = c.hold, sequence = c.sequence
    from unnest(
      ${column(accounts.map(({ traderId }) => traderId))}::integer[],
      ${texts(accounts.map(({ currency }) => currency))}::text[],
      ${column(accounts.map(({ available, hold }) => available + hold))}::bigint[],
      ${column(accounts.map(({ hold }) => hold))}::bigint[],
      ${column(accounts.map(({ sequence }) => sequence))}::bigint[],
      ${column(accounts.map(({ moved }) => moved))}::bigint[]
    ) as c (trader_id, currency, balance, hold, sequence, moved)
    where a.trader_id = c.trader_id and a.currency = c.currency and a.shard = ${shard}
      and a.balance + c.moved = c.balance`;
  return async (transaction) => {
    await insert?.(transaction);
    const { rowCount } = await transaction.query(update);
    if (rowCount !== accounts.length)
      throw new LostReportsError(`${accounts.length - rowCount} accounts are not what the ledger makes them`);
  };
}

function insertEmpty(shard: string, accounts: readonly AccountRow[]): Statement | null {
  if (accounts.length === 0) return null;
  const query = sql.unsafe`
    insert into accounts (trader_id, currency, shard, balance, hold, sequence)
    select trader_id, currency, ${shard}, 0, 0, 0 from unnest(
      ${column(accounts.map(({ traderId }) => traderId))}::integer[],
      ${texts(accounts.map(({ currency }) => currency))}::text[]) as a (trader_id, currency)
    on conflict do nothing`;
  return (transaction) => transaction.query(query);
}
