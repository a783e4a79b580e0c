import type { PublicContext } from './context.ts';

export const shardsAwayHeader = 'Cardstock-Shards-Away';

/** Says of which shards an answer may lack what was sent last, since they do not answer now. */
export function setShardsAway(ctx: PublicContext, { away }: { readonly away: readonly string[] }): void {
  if (away.length > 0) ctx.set(shardsAwayHeader, away.join(', '));
}
