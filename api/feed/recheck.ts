import type { Identity } from '../auth/identify.ts';
import { Unauthorized } from '../errors.ts';
import type { FindIdentity } from './identity.ts';

/** How often those who stay have to be who they were. */
const everyMs = 30_000;

/** The same, remembering whom it found. */
export type Remembering = {
  readonly findIdentity: FindIdentity;
  /** Calls `onGone` if credentials that were shown are not valid any more. To be called every second or so. */
  readonly recheck: (now: number, onGone: () => void) => void;
};

/** A socket outlives the request that opened it, so what it was opened with is looked at again. */
export function remembering(find: FindIdentity): Remembering {
  const shown = new Map<string, Identity>();
  let at = Date.now();
  return {
    findIdentity: async (message) => {
      const identity = await find(message);
      // One for each trader is enough: the credentials that were shown last.
      if (identity) shown.set(String(identity.caller.traderId), identity);
      return identity;
    },
    recheck: (now, onGone) => {
      if (shown.size === 0 || now - at < everyMs) return;
      at = now;
      for (const { recheck } of shown.values())
        recheck().catch((error) => {
          if (error instanceof Unauthorized) onGone();
        });
    },
  };
}
