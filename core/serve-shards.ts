import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { type Sharing, shareShards } from './share-shards.ts';

export type Serving = {
  readonly config: Config;
  readonly log: Log;
  readonly role: Sharing['role'];
  readonly list: Sharing['list'];
  readonly serve: (
    shard: string,
    own: { readonly signal: AbortSignal; readonly onReady: () => void },
  ) => Promise<void>;
  /** Called once the process is at work. */
  readonly onReady: () => void;
  readonly signal: AbortSignal;
};

/**
 * Serves the shards that `SHARD` names, or a share of all, until the signal aborts. Throws as soon as one that is named cannot be
 * served; of a share the others go on.
 */
export async function serveShards({ config, serve, onReady, signal, ...sharing }: Serving): Promise<void> {
  const { shards, redisUrl, redisTimeoutMs: timeoutMs } = config;
  if (shards === null) {
    onReady();
    const one = (shard: string, signal: AbortSignal) => serve(shard, { signal, onReady: () => {} });
    await shareShards({ ...sharing, serve: one, redisUrl, timeoutMs, signal });
    return;
  }
  let missing = shards.length;
  const oneReady = (): void => {
    missing -= 1;
    if (missing === 0) onReady();
  };
  await Promise.all(shards.map((shard) => serve(shard, { signal, onReady: oneReady })));
}
