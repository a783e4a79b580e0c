import type { DatabasePoolConnection } from 'slonik';
import type { Batch } from './batch.ts';
import { insertClientOids } from './statements/insert-client-oids.ts';
import { insertCommands } from './statements/insert-commands.ts';
import { insertLedger } from './statements/insert-ledger.ts';
import { insertOrders } from './statements/insert-orders.ts';
import { insertRequests } from './statements/insert-requests.ts';
import { insertTrades } from './statements/insert-trades.ts';
import { insertTransfers } from './statements/insert-transfers.ts';
import { moveCheckpoint } from './statements/move-checkpoint.ts';
import { updateOrders } from './statements/update-orders.ts';
import { upsertAccounts } from './statements/upsert-accounts.ts';
import { upsertFeeds } from './statements/upsert-feeds.ts';

/**
 * Writes a batch in one transaction with the checkpoint: all of it is there, or none. Slonik may run the transaction again
 * after a serialization failure, which changes nothing about that. Throws `CheckpointMovedError` if the batch does not follow.
 */
export async function persist(
  connection: DatabasePoolConnection,
  shard: string,
  batch: Batch,
): Promise<void> {
  const withOid = batch.orders.filter(({ command }) => command.clientOid !== null);
  await connection.transaction(async (transaction) => {
    await moveCheckpoint(transaction, shard, { from: batch.first - 1, to: batch.last });
    if (batch.orders.length > 0) await insertOrders(transaction, batch.orders);
    if (withOid.length > 0) await insertClientOids(transaction, withOid);
    if (batch.changes.size > 0) await updateOrders(transaction, batch.changes);
    if (batch.trades.length > 0) await insertTrades(transaction, batch.trades);
    if (batch.commands.length > 0) await insertCommands(transaction, batch.commands);
    if (batch.feeds.size > 0) await upsertFeeds(transaction, batch.feeds);
    if (batch.transfers.length > 0) await insertTransfers(transaction, shard, batch.transfers);
    if (batch.ledger.length > 0) await insertLedger(transaction, batch.ledger);
    if (batch.accounts.length > 0) await upsertAccounts(transaction, shard, batch.accounts);
    if (batch.requests.length > 0) await insertRequests(transaction, batch.requests);
  });
}
