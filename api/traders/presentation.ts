import { iso } from '../http/iso.ts';
import type { TraderRow } from './queries/traders.ts';

export function presentTrader({ traderId, name, author, frozenAt, mutedAt, createdAt }: TraderRow) {
  return {
    trader_id: String(traderId),
    ...{ name, author },
    frozen: frozenAt !== null,
    frozen_at: frozenAt === null ? null : iso(frozenAt),
    muted: mutedAt !== null,
    muted_at: mutedAt === null ? null : iso(mutedAt),
    created_at: iso(createdAt),
  };
}
