import type { Api } from '../api.ts';
import { BadRequest, Unavailable } from '../errors.ts';
import { refusalFor } from '../http/reject-answers.ts';
import type { Shard } from '../shard/shard.ts';
import { isSameTransfer, type Movement, type TransferRecord, transferOf } from './record.ts';

/** Moves money once for each transfer id, for ever; a repeat has the first outcome. Throws `RequestError` if it was refused. */
export async function moveMoney(api: Api, shard: Shard, command: Movement): Promise<TransferRecord> {
  const earlier = await api.findTransfer({ shard: shard.name, transferId: command.transferId });
  const transfer = earlier ?? (await submitMovement(api, shard, command));
  if (!isSameTransfer(transfer, command)) throw new BadRequest('Duplicate transfer_id');
  if (transfer.rejectReason !== null) throw refusalFor(transfer.rejectReason);
  return transfer;
}

async function submitMovement(api: Api, shard: Shard, command: Movement): Promise<TransferRecord> {
  const [taken] = await shard.submit([command]);
  const { sequence, repeated } = taken!;
  if (repeated) {
    await shard.persistedThrough(sequence);
    return (await api.findTransfer({ shard: shard.name, transferId: command.transferId }))!;
  }
  const report = await shard.verdict(taken!);
  if (report) return transferOf(command, report.rejectReason);
  throw new Unavailable('This was taken and is not done yet; send it again with the same transfer_id');
}
