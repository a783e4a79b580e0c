import { iso } from '../http/iso.ts';
import type { TraderRow } from './queries/traders.ts';

export function presentTrader({ traderId, name, frozenAt, createdAt }: TraderRow) {
  return {
    trader_id: String(traderId),
    name,
    frozen: frozenAt !== null,
    frozen_at: frozenAt === null ? null : iso(frozenAt),
    created_at: iso(createdAt),
  };
}
