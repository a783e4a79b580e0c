// Takes an exported partition out of the tables, in one transaction with the note of it.

import type { Client } from 'pg';
import { sleep } from '../../../core/lifecycle.ts';
import { type Partition, partitionedTables, partitionName } from '../../../sql/tables.ts';
import type { Manifest } from './manifest.ts';

/** Shorter than PostgreSQL's own wait for a deadlock, so that we give way and nobody else fails. */
const lockTimeoutMs = 500;
const mostAttempts = 60;
const pauseMs = 1_000;
const lockNotAvailable = '55P03';

/** An order of it has come open, or somebody else took it out. */
export class ChangedPartitionError extends Error {
  constructor({ from }: Partition) {
    super(`the partition from ${from} changed while it was exported`);
    this.name = 'ChangedPartitionError';
  }
}

/** Detaches it from all tables as soon as they can be locked for a moment, and drops it then if wanted. */
export async function detachPartition(
  client: Client,
  partition: Partition,
  options: { manifest: Manifest; drop: boolean },
): Promise<void> {
  await client.query('begin');
  try {
    await keepAnnouncements(client, partition);
    await keepPositions(client, partition);
    await keepLastTrades(client, partition);
    await lockTables(client);
    await takeOut(client, partition, options);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

async function lockTables(client: Client): Promise<void> {
  const tables = partitionedTables.map((table) => `only ${table}`).join(', ');
  await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
  await client.query('savepoint unlocked');
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(`lock table ${tables} in access exclusive mode`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== lockNotAvailable || attempt === mostAttempts) throw error;
      await client.query('rollback to unlocked');
      await sleep(pauseMs * Math.random());
    }
  }
}

async function takeOut(
  client: Client,
  partition: Partition,
  { manifest, drop }: { manifest: Manifest; drop: boolean },
): Promise<void> {
  const { rowCount } = await client.query(
    `delete from partitions where from_sequence = $1 and below_sequence = $2
      and not exists (select from "${partitionName('orders', partition)}" where status in ('open', 'active'))`,
    [partition.from, partition.below],
  );
  if (rowCount !== 1) throw new ChangedPartitionError(partition);
  for (const table of partitionedTables) {
    const name = partitionName(table, partition);
    await client.query(`alter table ${table} detach partition "${name}"`);
    if (drop) await client.query(`drop table "${name}"`);
  }
  await client.query(
    'insert into archives (from_sequence, below_sequence, newest, manifest) values ($1, $2, $3, $4)',
    [partition.from, partition.below, manifest.newest, JSON.stringify(manifest)],
  );
}

async function keepAnnouncements(client: Client, partition: Partition): Promise<void> {
  await client.query(`
    insert into announcements (product_id, sequence, line)
    select distinct on (split_part(line, ' ', 2)) split_part(line, ' ', 2), sequence, line
    from "${partitionName('commands', partition)}" where line like 'product %'
    order by split_part(line, ' ', 2), sequence desc
    on conflict (product_id) do update set sequence = excluded.sequence, line = excluded.line
    where announcements.sequence < excluded.sequence`);
}

async function keepPositions(client: Client, partition: Partition): Promise<void> {
  await client.query(`
    insert into archived_positions as p (trader_id, product_id, base, quote)
    select trader_id, product_id,
      sum(case side when 'buy' then filled_size else -filled_size end),
      sum(case side when 'buy' then -executed_value else executed_value end)
    from "${partitionName('orders', partition)}" where filled_size > 0 group by trader_id, product_id
    on conflict (trader_id, product_id) do update set base = p.base + excluded.base, quote = p.quote + excluded.quote`);
}

async function keepLastTrades(client: Client, partition: Partition): Promise<void> {
  const others = [
    'trade_id',
    'maker_order_id',
    'taker_order_id',
    'taker_side',
    'price',
    'size',
    'created_at',
  ];
  const excluded = others.map((column) => `excluded.${column}`).join();
  await client.query(`
    insert into last_trades (product_id, ${others})
    select distinct on (product_id) product_id, ${others} from "${partitionName('trades', partition)}"
    order by product_id, trade_id desc
    on conflict (product_id) do update set (${others}) = row (${excluded})
    where last_trades.trade_id < excluded.trade_id`);
}

/** Drops what an earlier run detached. */
export async function dropDetached(client: Client, partition: Partition): Promise<void> {
  for (const table of partitionedTables)
    await client.query(`drop table if exists "${partitionName(table, partition)}"`);
}
