import type { Api } from '../../api.ts';
import { Unavailable } from '../../errors.ts';
import { endShardTransfer, findShardTransfer, noteRefusedRefund } from '../queries/shard-transfers.ts';
import { isSameTransfer, type Movement, type TransferRecord } from '../record.ts';
import { depositOf, refundOf, type ShardTransfer, withdrawalOf } from './record.ts';

export type Finishing = Pick<Api, 'findTransfer' | 'pool' | 'shards'>;

type Ending = Pick<ShardTransfer, 'status' | 'rejectReason'>;

/**
 * Does what is left of a transfer, and notes its end. Each half has one outcome for ever, so this may begin anew after any crash, and
 * several may be at it: all come to the same end. Throws if a shard or PostgreSQL does not answer; then it is to be called again.
 */
export async function finishShardTransfer(api: Finishing, transfer: ShardTransfer): Promise<ShardTransfer> {
  if (transfer.status !== 'pending') return transfer;
  await endShardTransfer(api.pool, transfer.transferId, await moveHalves(api, transfer));
  return (await findShardTransfer(api.pool, transfer.transferId))!;
}

async function moveHalves(api: Finishing, transfer: ShardTransfer): Promise<Ending> {
  const withdrawn = await outcomeOf(api, transfer.fromShard, withdrawalOf(transfer));
  if (withdrawn.isRefused) return { status: 'refused', rejectReason: withdrawn.rejectReason };
  const deposited = await outcomeOf(api, transfer.toShard, depositOf(transfer));
  if (!deposited.isRefused) return { status: 'done', rejectReason: null };
  const refunded = await outcomeOf(api, transfer.fromShard, refundOf(transfer));
  if (!refunded.isRefused) return { status: 'returned', rejectReason: deposited.rejectReason };
  await noteRefusedRefund(api.pool, transfer);
  throw new Unavailable('Neither shard takes the money now; it will be tried again');
}

type Outcome = { readonly isRefused: boolean; readonly rejectReason: TransferRecord['rejectReason'] };

/**
 * What became of a half, once PostgreSQL has it: else the loss of one shard's Redis could leave the other half alone. Its id may have been taken
 * by a movement that somebody else sent, which refuses it.
 */
async function outcomeOf(api: Finishing, shardName: string, command: Movement): Promise<Outcome> {
  const name = { shard: shardName, transferId: command.transferId };
  const stored = (await api.findTransfer(name)) ?? (await taken(api, shardName, command));
  if (!isSameTransfer(stored, command)) return { isRefused: true, rejectReason: null };
  return { isRefused: stored.rejectReason !== null, rejectReason: stored.rejectReason };
}

async function taken(api: Finishing, shardName: string, command: Movement): Promise<TransferRecord> {
  const shard = api.shards.named(shardName);
  const [given] = await shard.submit([command]);
  await shard.persistedThrough(given!.sequence);
  const stored = await api.findTransfer({ shard: shardName, transferId: command.transferId });
  // A failover may have lost the command, whose sequence is another's now.
  if (!stored) throw new Unavailable('The exchange lost what it took; it will be sent again');
  return stored;
}
