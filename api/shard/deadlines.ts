export type Deadlines<T> = {
  readonly add: (item: T) => void;
  readonly delete: (item: T) => void;
  /** Forgets all items. More may be added after that. */
  readonly clear: () => void;
};

/**
 * Calls `expire` for every item that is still there `ms` after it was added. All wait equally long, so the oldest is
 * always due first, and one timer serves any number of them.
 */
export function createDeadlines<T>(ms: number, expire: (item: T) => void): Deadlines<T> {
  const deadlines = new Map<T, number>();
  let timer: NodeJS.Timeout | undefined;
  const sweep = (): void => {
    timer = undefined;
    const now = performance.now();
    for (const [item, deadline] of deadlines) {
      if (deadline > now) {
        timer = setTimeout(sweep, deadline - now);
        return;
      }
      deadlines.delete(item);
      expire(item);
    }
  };
  return {
    add: (item) => {
      deadlines.set(item, performance.now() + ms);
      timer ??= setTimeout(sweep, ms);
    },
    delete: (item) => deadlines.delete(item),
    clear: () => {
      clearTimeout(timer);
      timer = undefined;
      deadlines.clear();
    },
  };
}
