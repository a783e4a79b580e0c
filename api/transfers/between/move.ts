import { sleep } from '../../../core/lifecycle.ts';
import type { Api } from '../../api.ts';
import { BadRequest, requestErrorOf, Unavailable } from '../../errors.ts';
import { refusalFor } from '../../http/reject-answers.ts';
import { findShardTransfer, insertShardTransfer } from '../queries/shard-transfers.ts';
import { isSameTransfer, type Movement } from '../record.ts';
import { type Finishing, finishShardTransfer } from './finish.ts';
import {
  type AskedShardTransfer,
  depositOf,
  isSameShardTransfer,
  type ShardTransfer,
  withdrawalOf,
} from './record.ts';

type Moving = Finishing & Pick<Api, 'config'>;

/**
 * Moves money between shards once for each transfer id, for ever; a repeat has the first outcome. It may come back pending: then it
 * is finished without the caller. Throws `RequestError` if it was refused.
 */
export async function moveBetweenShards(api: Moving, asked: AskedShardTransfer): Promise<ShardTransfer> {
  const transfer = await noted(api, asked);
  const enough = new AbortController();
  const ended = finishShardTransfer(api, transfer).catch((error) => {
    if (requestErrorOf(error) instanceof Unavailable) return transfer;
    throw error;
  });
  ended.catch(() => {}); // who asked may be answered by then
  try {
    const inTime = sleep(api.config.waitTimeoutMs, enough.signal).then(() => transfer);
    return refusing(await Promise.race([ended, inTime]));
  } finally {
    enough.abort();
  }
}

/** Noted before a half is sent, so that no crash leaves one that nobody knows of. */
async function noted(api: Moving, asked: AskedShardTransfer): Promise<ShardTransfer> {
  const earlier = await findShardTransfer(api.pool, asked.transferId);
  if (!earlier) {
    await refuseTakenId(api, asked);
    await insertShardTransfer(api.pool, asked);
  }
  const transfer = earlier ?? (await findShardTransfer(api.pool, asked.transferId))!;
  if (!isSameShardTransfer(transfer, asked)) throw new BadRequest('Duplicate transfer_id');
  return transfer;
}

/**
 * Halves alone do not take the id: a failover of PostgreSQL to a standby that lags may lose the note of a transfer, and no movement.
 * But a deposit comes after its withdrawal.
 */
async function refuseTakenId({ findTransfer }: Moving, asked: AskedShardTransfer): Promise<void> {
  const { transferId, fromShard, toShard } = asked;
  const [out, into] = await Promise.all(
    [fromShard, toShard].map((shard) => findTransfer({ shard, transferId })),
  );
  const isAnother = (found: typeof out, command: Movement): boolean =>
    found != null && !isSameTransfer(found, command);
  if (isAnother(out, withdrawalOf(asked)) || isAnother(into, depositOf(asked)) || (into && !out))
    throw new BadRequest('Duplicate transfer_id');
}

function refusing(transfer: ShardTransfer): ShardTransfer {
  const { status, rejectReason } = transfer;
  if (status !== 'refused' && status !== 'returned') return transfer;
  const refusal = rejectReason === null ? new BadRequest('Duplicate transfer_id') : refusalFor(rejectReason);
  if (status === 'refused') throw refusal;
  throw new BadRequest(`The other shard refused the deposit, and the money is back: ${refusal.message}`);
}
