import type { Listed } from '../http/listed.ts';
import type { PageCursors } from './generated/cardstock/v1/orders.ts';

type Asked = {
  readonly limit: number;
  readonly before: number;
  readonly after: number;
  readonly before_text?: string;
  readonly after_text?: string;
  readonly trader_id?: string;
};

/** The fields of a query for a page; 0 is one that is not given. */
export function pageFields({ limit, trader_id, ...asked }: Asked) {
  return {
    limit: limit || undefined,
    before: asked.before_text || asked.before || undefined,
    after: asked.after_text || asked.after || undefined,
    trader_id,
  };
}

export function cursorsMessage({
  cursors,
  coversFrom,
  shardsAway,
}: Omit<Listed<unknown>, 'cursorOf'>): PageCursors {
  const { before, after } = cursors ?? { before: '', after: '' };
  return {
    ...{ before: numberOf(before), after: numberOf(after), before_text: before, after_text: after },
    ...{ covers_from: [...coversFrom], shards_away: [...shardsAway] },
  };
}

/** 0 for the cursor of a list of several shards, which is no number. */
function numberOf(cursor: string): number {
  return cursor.includes(':') ? 0 : Number(cursor);
}
