import type { PublicContext } from './context.ts';

/** Where the pages before and after this one begin. An empty page says nothing. */
export function setCursors<T>(ctx: PublicContext, rows: readonly T[], cursorOf: (row: T) => number): void {
  if (rows.length === 0) return;
  ctx.set('CB-BEFORE', String(cursorOf(rows[0]!)));
  ctx.set('CB-AFTER', String(cursorOf(rows.at(-1)!)));
}
