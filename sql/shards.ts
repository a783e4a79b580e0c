import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from './with-timeout.ts';

const row = z.object({ name: z.string(), number: z.number() });
export type ShardRow = z.output<typeof row>;

export async function loadShards(pool: Queries): Promise<readonly ShardRow[]> {
  return pool.any(sql.type(row)`select shard as name, number from checkpoints order by number`);
}
