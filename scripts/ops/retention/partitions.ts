// The partitions that there are, and which of them may go.

import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { firstSequenceOf } from '../../../core/order.ts';
import { type Partition, type PartitionedTable, partitionName } from '../../../sql/tables.ts';
import { batchAcross } from '../replay/batches.ts';

export type Verdict = Partition & {
  /** Its newest row's time in Unix milliseconds. */
  readonly newest: number;
  /** Why it stays; null if it may go. */
  readonly kept: string | null;
};

const whole = z.number();
const partitionRow = z.object({ from: whole, below: whole, checkpoint: whole.nullable() });

/** All partitions from the oldest on, each with what is to become of it. Those that still grow are left out. */
export async function judgePartitions(connection: CommonQueryMethods, before: number): Promise<Verdict[]> {
  const partitions = await connection.any(sql.type(partitionRow)`
    select p.from_sequence as from, p.below_sequence as below, c.sequence as checkpoint
    from partitions p left join checkpoints c on c.number = (p.from_sequence - 1) / ${firstSequenceOf(1) - 1}
    order by p.from_sequence`);
  const verdicts: Verdict[] = [];
  for (const { from, below, checkpoint } of partitions) {
    // The checkpoint's own command stays, for a view of the shard starts at its time.
    if (checkpoint !== null && below <= (await firstNeeded(connection, checkpoint)))
      verdicts.push(await judge(connection, { from, below }, before));
  }
  return verdicts;
}

/** A rebuild goes on with the batch in whose midst the checkpoint is. */
async function firstNeeded(connection: CommonQueryMethods, checkpoint: number): Promise<number> {
  const stretch = { pool: connection, first: checkpoint, last: checkpoint };
  return (await batchAcross([stretch], checkpoint))?.head ?? checkpoint;
}

const stateRow = z.object({ newest: whole, openOrders: whole });

async function judge(connection: CommonQueryMethods, partition: Partition, before: number): Promise<Verdict> {
  const table = (name: PartitionedTable) => sql.identifier([partitionName(name, partition)]);
  const { newest, openOrders } = await connection.one(sql.type(stateRow)`
    select (select count(*) from ${table('orders')} where status in ('open', 'active')) as "openOrders",
      (extract(epoch from greatest(
        (select max(created_at) from ${table('orders')}),
        (select max(created_at) from ${table('trades')}),
        (select max(created_at) from ${table('ledger')}),
        (select to_timestamp(substring(line from ' (\\d+) \\S+$')::bigint / 1000.0)
          from ${table('commands')} order by sequence desc limit 1))) * 1000)::bigint as newest`);
  const orders = openOrders === 1 ? 'order' : 'orders';
  const isOpen = openOrders > 0 ? `has ${openOrders} open ${orders}` : null;
  return { ...partition, newest, kept: newest >= before ? 'is too young' : isOpen };
}
