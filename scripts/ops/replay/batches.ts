// All-or-none batches in what PostgreSQL recorded: the matcher judges one at its head, by all of its orders.

import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { mostCommandsAnEntry } from '../../../matcher/client.ts';
import { placeLine } from '../../../sql/wire.ts';

/** Sequences, and the database that has them. */
type Stretch = { readonly pool: CommonQueryMethods; readonly first: number; readonly last: number };

/** `last` is the sequence of its last order. */
export type RecordedBatch = { readonly head: number; readonly last: number; readonly isRefused: boolean };

const batchRow = z.object({ head: z.number(), last: z.number(), isRefused: z.boolean() });

/** The batch that has begun by a sequence and goes on behind it, or null. */
export async function batchAcross(
  stretches: readonly Stretch[],
  sequence: number,
): Promise<RecordedBatch | null> {
  const first = sequence - mostCommandsAnEntry + 1;
  let batch: RecordedBatch | null = null;
  for (const { pool } of overlapping(stretches, first, sequence))
    batch =
      (await pool.maybeOne(sql.type(batchRow)`
      select sequence as head, sequence + split_part(line, ' ', 2)::bigint as last, reject_reason is not null as "isRefused"
      from commands where sequence between ${first} and ${sequence} and starts_with(line, 'batch ')
      order by sequence desc limit 1`)) ?? batch;
  return batch && batch.last > sequence ? batch : null;
}

const lineRow = z.object({ line: z.string() });

/** The commands of sequences next to each other, as far as they are recorded. */
export async function linesBetween(
  stretches: readonly Stretch[],
  first: number,
  last: number,
): Promise<string[]> {
  const lines: string[] = [];
  for (const { pool } of overlapping(stretches, first, last)) {
    const rows = await pool.any(sql.type(lineRow)`
      select line from (
        select id as sequence, ${placeLine} as line from orders where id between ${first} and ${last}
        union all
        select sequence, line from commands where sequence between ${first} and ${last}
      ) c order by sequence`);
    lines.push(...rows.map(({ line }) => line));
  }
  return lines;
}

/** The last of them may have more than was asked for. */
function overlapping(stretches: readonly Stretch[], first: number, last: number): readonly Stretch[] {
  return stretches.filter(
    (stretch, i) => stretch.first <= last && (stretch.last >= first || i === stretches.length - 1),
  );
}
