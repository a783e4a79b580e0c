import { sleep } from '../../../core/lifecycle.ts';
import type { Api } from '../../api.ts';
import { requestErrorOf, Unavailable } from '../../errors.ts';
import { claimShardTransfers } from '../queries/shard-transfers.ts';
import { finishShardTransfer } from './finish.ts';
import type { ShardTransfer } from './record.ts';

const pollMs = 1_000;
/** Most that a process is at; those of a shard that hangs take seconds each. */
const mostUnderWay = 50;

/** Finishes what a process that died left behind, or what waits for a shard that was away. Every api process does this. */
export async function finishShardTransfers(api: Api, signal: AbortSignal): Promise<void> {
  let underWay = 0;
  const finish = async (transfer: ShardTransfer): Promise<void> => {
    const { transferId } = transfer;
    underWay++;
    try {
      const { status } = await finishShardTransfer(api, transfer);
      api.log.info({ transferId, status }, 'a transfer between shards was finished');
    } catch (error) {
      if (signal.aborted) return;
      const isAway = requestErrorOf(error) instanceof Unavailable;
      api.log[isAway ? 'warn' : 'error']({ transferId, err: error }, 'a transfer between shards waits');
    } finally {
      underWay--;
    }
  };
  for (;;) {
    await sleep(pollMs, signal);
    if (signal.aborted) return;
    if (api.shards.numbers().length < 2 || underWay >= mostUnderWay) continue;
    const claimed = await claimShardTransfers(api.pool, mostUnderWay - underWay).catch(() => []); // PostgreSQL is away, which others say
    for (const transfer of claimed) void finish(transfer);
  }
}
