import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { decodeCommand } from '../../../core/wire/commands.ts';

const row = z.object({
  sequence: z.number(),
  placedAt: z.number().nullable(),
  line: z.string().nullable(),
});

/** The last sequence of a shard that PostgreSQL has, and its command's time in Unix milliseconds, 0 if there was none. */
export async function loadCheckpoint(
  connection: CommonQueryMethods,
  shard: string,
): Promise<{ sequence: number; time: number }> {
  const { sequence, placedAt, line } = await connection.one(sql.type(row)`
    select c.sequence, (extract(epoch from o.created_at) * 1000)::bigint as "placedAt", m.line
    from checkpoints c
    left join orders o on o.id = c.sequence
    left join commands m on m.sequence = c.sequence
    where c.shard = ${shard}`);
  return { sequence, time: placedAt ?? (line === null ? 0 : decodeCommand(line).time) };
}
