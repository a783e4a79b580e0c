import type { Known } from '../../core/known.ts';
import { ShardStoppedError } from './errors.ts';
import type { RedisReads } from './redis-reads.ts';
import type { RunningReports } from './reports.ts';

/** Another Redis behind the same address shows as soon as the connection is back, whether or not anything is submitted. */
export async function checkKnown(
  redisReads: Pick<RedisReads, 'sequence'>,
  known: Known,
  reports: Pick<RunningReports, 'stop'>,
): Promise<void> {
  const asked = known.sequence(); // reports go on coming while the answer is on its way
  const sequence = await redisReads.sequence().catch(() => null);
  if (sequence === null || sequence >= asked) return;
  reports.stop(new ShardStoppedError(`Redis is at ${sequence}, and was at ${asked}`));
}
