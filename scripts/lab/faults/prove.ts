// The proof that Redis and PostgreSQL agree, and that what is recorded is what the rules make of it.

import { readEnvironment } from '../../launcher/servers/environment.ts';
import { audit } from '../../ops/audit/audit.ts';
import { describeAudit, passes } from '../../ops/audit/report.ts';
import { DifferenceError } from '../../ops/replay/compare.ts';
import { usualPageSize } from '../../ops/replay/recorded.ts';
import { type Replayed, replay } from '../../ops/replay/replay.ts';
import type { StageServers } from './stage.ts';

export type Proof = {
  readonly shard: string;
  readonly auditPasses: boolean;
  /** The audit's report, if it does not pass. */
  readonly audit: string | null;
  /** Null if the replay came to something else. */
  readonly replayed: Pick<Replayed, 'first' | 'last' | 'trades' | 'tradesSha256'> | null;
  /** Where it did. */
  readonly difference: string | null;
};

/** A run that is stopped is proven as well, as far as it came. */
const neverStopped = new AbortController().signal;

export async function prove(
  stage: StageServers,
  shard: string,
  progress: (share: number, text: string) => void,
): Promise<Proof> {
  const urls = { databaseUrl: stage.postgres.url, redisUrl: stage.redis.url };
  const start = performance.now();
  const audited = await audit({ ...urls, shard, progress: () => progress(1, 'audit') });
  const auditPasses = passes(audited);
  const seconds = (performance.now() - start) / 1_000;
  const proof = { shard, auditPasses, audit: auditPasses ? null : describeAudit(audited, seconds) };
  try {
    const replayed = await replay({
      ...{ ...urls, redisUrl: null, shard, signal: neverStopped, pageSize: usualPageSize },
      ...{ until: null, explain: null, depth: 0, resume: false },
      environment: { ...readEnvironment(), dataDir: stage.dataDir },
      ...{ archives: null, progress: () => progress(1, 'replay'), takingIn: () => {} },
    });
    return { ...proof, replayed, difference: null };
  } catch (error) {
    if (!(error instanceof DifferenceError)) throw error;
    return { ...proof, replayed: null, difference: error.message };
  }
}
