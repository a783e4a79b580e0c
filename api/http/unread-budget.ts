/** A connection, and what its client has not read of what was answered. */
export type UnreadHolder = { readonly unread: () => number; readonly cut: () => void };

export type UnreadBudget = {
  /** The answer takes the connection out again. */
  readonly add: (holder: UnreadHolder) => () => void;
  /** So many bytes more may be unread. */
  readonly wrote: (bytes: number) => void;
  /** To be called every second or so. */
  readonly check: () => void;
};

const mebibyte = 1_048_576;

/**
 * What clients do not read is kept in memory, and each connection may have some of it: here is what all have together. Beyond
 * that connections are cut off: first those that have read nothing since the last look, and of these whoever holds most.
 */
export function createUnreadBudget(mostBytes = 512 * mebibyte): UnreadBudget {
  const holders = new Map<UnreadHolder, number>();
  let written = 0;

  const check = (): void => {
    written = 0;
    const found = [...holders].map(([holder, before]) => ({ holder, before, bytes: holder.unread() }));
    let total = 0;
    for (const { holder, bytes } of found) {
      holders.set(holder, bytes);
      total += bytes;
    }
    if (total <= mostBytes) return;
    const isStuck = ({ before, bytes }: (typeof found)[number]): number =>
      before > 0 && bytes >= before ? 1 : 0;
    found.sort((a, b) => isStuck(b) - isStuck(a) || b.bytes - a.bytes);
    for (const { holder, bytes } of found) {
      if (total <= mostBytes) return;
      total -= bytes;
      holders.delete(holder);
      holder.cut();
    }
  };
  return {
    add: (holder) => {
      holders.set(holder, 0);
      return () => holders.delete(holder);
    },
    wrote: (bytes) => {
      written += bytes;
      if (written > mostBytes / 8) check();
    },
    check,
  };
}
