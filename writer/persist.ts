import type { DatabasePoolConnection } from 'slonik';
import type { Statement } from '../sql/copy.ts';
import type { Batch } from './batch.ts';
import { candlesOf } from './candles.ts';
import type { Notice } from './notices.ts';
import { changeFrozen } from './statements/change-frozen.ts';
import { insertClientOids } from './statements/insert-client-oids.ts';
import { insertCommands } from './statements/insert-commands.ts';
import { insertHalts } from './statements/insert-halts.ts';
import { insertLedger } from './statements/insert-ledger.ts';
import { insertNotices } from './statements/insert-notices.ts';
import { insertOrders } from './statements/insert-orders.ts';
import { insertRequests } from './statements/insert-requests.ts';
import { insertTrades } from './statements/insert-trades.ts';
import { insertTransfers } from './statements/insert-transfers.ts';
import { moveCheckpoint } from './statements/move-checkpoint.ts';
import { updateOrders } from './statements/update-orders.ts';
import { upsertAccounts } from './statements/upsert-accounts.ts';
import { upsertCandles } from './statements/upsert-candles.ts';
import { upsertFeeds } from './statements/upsert-feeds.ts';
import { type Tally, tallyOf } from './tally.ts';

/** A batch as the statements that write it. What it was made from need not be kept. */
export type PreparedBatch = Pick<Batch, 'first' | 'last'> & {
  readonly statements: readonly Statement[];
  readonly tally: Tally;
};

export function prepareBatch(shard: string, batch: Batch, notices: readonly Notice[] = []): PreparedBatch {
  const { first, last, orders } = batch;
  const withOid = orders.filter(({ command }) => command.clientOid !== null);
  const statements = [moveCheckpoint(shard, { from: first - 1, to: last })];
  if (orders.length > 0) statements.push(insertOrders(orders));
  if (withOid.length > 0) statements.push(insertClientOids(withOid));
  if (batch.changes.size > 0) statements.push(updateOrders(batch.changes));
  if (batch.trades.length > 0)
    statements.push(insertTrades(batch.trades), upsertCandles(candlesOf(batch.trades)));
  if (batch.commands.length > 0) statements.push(insertCommands(batch.commands));
  if (batch.feeds.size > 0) statements.push(upsertFeeds(batch.feeds));
  if (batch.transfers.length > 0) statements.push(insertTransfers(shard, batch.transfers));
  if (batch.ledger.length > 0) statements.push(insertLedger(batch.ledger));
  if (batch.accounts.length > 0) statements.push(upsertAccounts(shard, batch.accounts));
  if (batch.frozen.length > 0) statements.push(changeFrozen(shard, batch.frozen));
  if (batch.collared.size > 0) statements.push(insertHalts(batch.collared));
  if (batch.requests.length > 0) statements.push(insertRequests(batch.requests));
  if (notices.length > 0) statements.push(insertNotices(shard, notices));
  return { first, last, statements, tally: tallyOf(batch) };
}

/**
 * Writes a batch in one transaction with the checkpoint: all of it is there, or none. Slonik may run the transaction again
 * after a serialization failure, which changes nothing about that. Throws `CheckpointMovedError` if the batch does not follow.
 */
export async function persist(
  connection: DatabasePoolConnection,
  { statements }: PreparedBatch,
): Promise<void> {
  await connection.transaction(async (transaction) => {
    for (const statement of statements) await statement(transaction);
  });
}
