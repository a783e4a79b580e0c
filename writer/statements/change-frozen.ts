import { sql } from 'slonik';
import type { Statement } from '../../sql/copy.ts';
import type { FrozenRow } from '../batch.ts';
import { column } from './columns.ts';

/** Takes over what the batch's commands say last of each trader. */
export function changeFrozen(shard: string, rows: readonly FrozenRow[]): Statement {
  const frozen = rows.filter(({ isFrozen }) => isFrozen);
  const remove = sql.unsafe`
    delete from frozen_traders
    where shard = ${shard} and trader_id = any(${column(rows.map(({ traderId }) => traderId))}::integer[])`;
  const insert = sql.unsafe`
    insert into frozen_traders (shard, trader_id, sequence)
    select ${shard}, * from unnest(
      ${column(frozen.map(({ traderId }) => traderId))}::integer[],
      ${column(frozen.map(({ sequence }) => sequence))}::bigint[])`;
  return async (transaction) => {
    await transaction.query(remove);
    await transaction.query(insert);
  };
}
