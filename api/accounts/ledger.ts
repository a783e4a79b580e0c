import { shardMark, shardNumberOf } from '../../core/order.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import type { MergedList } from '../http/merged-list.ts';
import type { Page } from '../http/query.ts';
import {
  entryIdAt,
  findLatestEntries,
  findLedger,
  findShardOfEntry,
  type LedgerFilter,
  type Posting,
} from './queries/ledger.ts';

type Asked = Omit<LedgerFilter, keyof Page | 'spans'>;

/** The entries of an account, as a list that may be in several shards. */
export function ledgerOf(reads: Queries, filter: Asked): MergedList<Posting> {
  return {
    placeOf: ({ place }) => place,
    read: (page, spans) => findLedger(reads, { ...filter, ...page, ...(spans && { spans }) }),
    latest: (shards) => findLatestEntries(reads, filter, shards),
    // All shards' entries have ids of one counter, which is as good as a time.
    completed: async ({ row, cuts }, missing) => {
      const id = entryIdAt(row);
      const cutAt = (shard: number) => [shard, shardMark(shard) + id] as const;
      if (cuts.size > 0 || row !== id) return { row, cuts: new Map([...cuts, ...missing.map(cutAt)]) };
      // The id of an entry alone, which may be of any shard.
      const shard = (await findShardOfEntry(reads, filter, id)) ?? shardNumberOf(row);
      const others = [shardNumberOf(row), ...missing].filter((one) => one !== shard);
      return { row: shardMark(shard) + id, cuts: new Map(others.map(cutAt)) };
    },
  };
}
