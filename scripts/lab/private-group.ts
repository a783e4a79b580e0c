// Programs with their data in a folder of their own, for as long as somebody uses them.

import { claimDataDir, eraseData } from '../launcher/servers/servers.ts';
import { makeTemporaryFolder } from '../launcher/servers/temporary-folder.ts';
import { unlessStopped } from './exchange.ts';
import { createGroup, type Group } from './group.ts';

export type PrivateGroup<S> = {
  /** In the name of the folder. */
  readonly name: string;
  /** In the order in which they end. */
  readonly kinds: readonly string[];
  readonly start: (dataDir: string, group: Group) => Promise<S>;
};

/** Starts them, hands over what the start gives, and removes every trace of them afterwards. */
export function withPrivateGroup<S, T>(
  { name, kinds, start }: PrivateGroup<S>,
  use: (started: S) => Promise<T>,
): Promise<T> {
  return unlessStopped(async (interrupted) => {
    const dataDir = makeTemporaryFolder(name);
    const claim = claimDataDir(dataDir);
    const group = createGroup();
    try {
      const started = await start(dataDir, group);
      return await Promise.race([use(started), group.broken, interrupted]);
    } finally {
      await group.stop(kinds);
      claim.release();
      eraseData(dataDir);
    }
  });
}
