import type { Log } from '../../core/log.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { recordLastUses } from './queries/last-uses.ts';

const everyMs = 5_000;

export type Uses = {
  readonly ofKey: (keyId: number) => void;
  readonly ofToken: (tokenId: number) => void;
  readonly close: () => Promise<void>;
};

/** Notes when keys and tokens were last used, in one statement for all that were used within five seconds. */
export function recordUses(pool: Queries, log: Log): Uses {
  let keyIds = new Set<number>();
  let tokenIds = new Set<number>();
  const record = async (): Promise<void> => {
    if (keyIds.size + tokenIds.size === 0) return;
    const used = { keyIds: [...keyIds], tokenIds: [...tokenIds] };
    keyIds = new Set();
    tokenIds = new Set();
    await recordLastUses(pool, used).catch((error) =>
      log.debug({ error: String(error) }, 'the last use of credentials was not recorded'),
    );
  };
  const timer = setInterval(record, everyMs);
  timer.unref();
  return {
    ofKey: (keyId) => keyIds.add(keyId),
    ofToken: (tokenId) => tokenIds.add(tokenId),
    close: async () => {
      clearInterval(timer);
      await record();
    },
  };
}
