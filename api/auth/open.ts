import type { Config } from '../../core/config.ts';
import type { Log } from '../../core/log.ts';
import { connectOnce } from '../../core/redis.ts';
import { createSealing, parseSealingKeys, type Sealing } from '../../core/sealing.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { type Callers, createCallers } from './callers.ts';
import { listenForChanges } from './changes.ts';
import { createLimits, type Limits } from './limits.ts';
import { type Attempts, createAttempts } from './people/attempts.ts';

/** What it takes to know callers, and to bound what they ask. */
export type Door = {
  readonly callers: Callers;
  readonly limits: Limits;
  /** Counts how often somebody tries to log in. */
  readonly attempts: Attempts;
  /** Null without `SECRETS_KEY`: then there are no API keys, and no second factors. */
  readonly sealing: Sealing | null;
  /** Pages of these origins may use the cookie of a session. */
  readonly ownOrigins: ReadonlySet<string>;
};

export function openDoor(
  config: Config,
  log: Log,
  pool: Queries,
): Door & { readonly close: () => Promise<void> } {
  const sealing = config.secretsKey ? createSealing(parseSealingKeys(config.secretsKey)) : null;
  const changes = listenForChanges(config.databaseUrl, log);
  const callers = createCallers({ pool, changes, sealing, log });
  const redis = config.rateLimitRedisUrl ? connectOnce(config.rateLimitRedisUrl, log) : null;
  const { publicUrl, corsOrigins } = config;
  return {
    ...{ callers, sealing },
    limits: createLimits(config, redis),
    attempts: createAttempts(config.apiWorkers),
    ownOrigins: new Set(publicUrl ? [publicUrl, ...corsOrigins] : corsOrigins),
    close: async () => {
      await callers.close();
      redis?.disconnect();
    },
  };
}
