import { batched } from '../../core/batched.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { findTransfers } from './queries/transfers.ts';
import type { TransferRecord } from './record.ts';

/** A shard takes a transfer id once; another shard may take it for the other half of what goes between them. */
export type TransferName = { readonly shard: string; readonly transferId: string };

/** The transfer that PostgreSQL has of an id; null if it has none. Throws if PostgreSQL is away: unlike orders, money waits. */
export type FindTransfer = (name: TransferName) => Promise<TransferRecord | null>;

export function createFindTransfer(pool: Queries): FindTransfer {
  return batched(async (names: readonly TransferName[]) => {
    const transfers = await findTransfers(
      pool,
      names.map(({ transferId }) => transferId),
    );
    const byName = new Map(transfers.map((transfer) => [textOf(transfer), transfer]));
    return names.map((name) => byName.get(textOf(name)) ?? null);
  });
}

function textOf({ shard, transferId }: TransferName): string {
  return `${shard} ${transferId}`;
}
