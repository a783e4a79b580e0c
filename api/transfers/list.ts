import type { Queries } from '../../sql/with-timeout.ts';
import type { Api } from '../api.ts';
import { BadRequest } from '../errors.ts';
import { cutByTime } from '../http/cut-by-time.ts';
import { type Listed, listed } from '../http/listed.ts';
import { type MergedList, readMerged } from '../http/merged-list.ts';
import { type Page, type Query, readMergedPage } from '../http/query.ts';
import {
  findLatestTransfers,
  findTransfersOfTrader,
  findTransferTime,
  type TransferFilter,
  type TransferRow,
  type TransferType,
  transferTypes,
} from './queries/transfers.ts';

/** A page of a trader's transfers, of one currency or of all. */
export async function listTransfers(
  api: Api,
  whose: Pick<TransferFilter, 'traderId' | 'currency'>,
  query: Query,
): Promise<Listed<TransferRow>> {
  const page = readMergedPage(query);
  const filter = { ...whose, type: readType(query) };
  const { away: shardsAway, reached } = await api.shards.visibleTo(whose.traderId);
  const list = transfersOf(api.readsOf(whose.traderId, reached), filter);
  const { rows, cursorOf } = await readMerged(list, page, api.shards.numbers());
  return listed(rows, cursorOf, { shardsAway });
}

/** A trader's transfers, as a list that may be in several shards. */
export function transfersOf(
  reads: Queries,
  filter: Omit<TransferFilter, keyof Page | 'spans'>,
): MergedList<TransferRow> {
  const { traderId } = filter;
  return {
    placeOf: ({ sequence }) => sequence,
    read: (page, spans) => findTransfersOfTrader(reads, { ...filter, ...page, ...(spans && { spans }) }),
    latest: (shards) => findLatestTransfers(reads, { traderId, shards, by: null }),
    completed: cutByTime({
      timeOf: (sequence) => findTransferTime(reads, traderId, sequence),
      latestBy: (shards, by) => findLatestTransfers(reads, { traderId, shards, by }),
    }),
  };
}

function readType(query: Query): TransferType | null {
  const given = query.one('type');
  const type = transferTypes.find((known) => known === given);
  if (given !== null && !type) throw new BadRequest(`Invalid type: must be ${transferTypes.join(', ')}`);
  return type ?? null;
}
