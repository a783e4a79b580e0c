import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

const row = z.object({ author: z.string(), isMuted: z.boolean() });
export type Author = z.output<typeof row>;

/** Gives a trader a name as author, unless it has one. Throws if another trader has the name. */
export function nameAuthor(pool: Queries, traderId: number, name: string): Promise<Author> {
  return pool.one(sql.type(row)`
    update traders set author = coalesce(author, ${name}) where trader_id = ${traderId}
    returning author, muted_at is not null as "isMuted"`);
}
