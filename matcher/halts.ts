import { sql } from 'slonik';
import { z } from 'zod';
import type { ProductWatch } from './products.ts';

const haltedRow = z.object({ productId: z.string() });

/**
 * Lets products take cancels only whose collar was met, if they say so. The row changes in the statement that takes the meeting
 * out, so that operators who open the product again have the last word; a command announces the change as any other. What
 * fails, such as for a row that somebody has locked, is tried again by the next call, and holds up no other announcement.
 */
export function createHalter({ pool, shard, log }: ProductWatch): () => Promise<void> {
  return async () => {
    try {
      const halted = await pool.any(sql.type(haltedRow)`
        with met as (
          delete from halts using products
          where products.product_id = halts.product_id and shard = ${shard}
          returning halts.product_id
        )
        update products set status = 'cancel_only'
        where product_id in (select product_id from met) and status = 'online' and collar_halts
        returning product_id as "productId"`);
      if (halted.length === 0) return;
      const products = halted.map(({ productId }) => productId);
      log.warn({ products }, 'products take cancels only, since an order met their collar');
    } catch (error) {
      log.warn({ error: String(error) }, 'products whose collar was met take orders still; trying again');
    }
  };
}
