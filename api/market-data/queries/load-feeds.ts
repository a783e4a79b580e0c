import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

const row = z.object({ productId: z.string(), feedSequence: z.number() });

/** The last feed sequence of each of a shard's products that had any. */
export function loadFeeds(connection: CommonQueryMethods, shard: string) {
  return connection.any(sql.type(row)`
    select product_id as "productId", feed_sequence as "feedSequence"
    from feeds join products using (product_id)
    where shard = ${shard}`);
}
