import type { Listed } from '../http/listed.ts';
import type { PageCursors } from './generated/cardstock/v1/orders.ts';

type Asked = {
  readonly limit: number;
  readonly before: number;
  readonly after: number;
  readonly trader_id?: string;
};

/** The fields of a query for a page; 0 is one that is not given. */
export function pageFields({ limit, before, after, trader_id }: Asked) {
  return {
    limit: limit || undefined,
    before: before || undefined,
    after: after || undefined,
    trader_id,
  };
}

export function cursorsMessage({ cursors, coversFrom, shardsAway }: Listed<unknown>): PageCursors {
  const [before, after] = [cursors?.before ?? 0, cursors?.after ?? 0];
  return { before, after, covers_from: [...coversFrom], shards_away: [...shardsAway] };
}
