import { isUpwards } from '../http/pages.ts';
import type { Page } from '../http/query.ts';
import type { PublicTrade } from './queries/trades.ts';

/** The latest trades of a product, oldest first. Their ids follow on from each other, as those of all its trades do from 1. */
export type RecentTrades = { trades: PublicTrade[] };

/** So many are kept at least, and twice as many at most: pages of usual length lie within. */
const kept = 100;

export function addRecentTrade(recent: RecentTrades, trade: PublicTrade): void {
  if (recent.trades.push(trade) > 2 * kept) recent.trades = recent.trades.slice(-kept);
}

/** Takes in what PostgreSQL has of the trades before those that are here. */
export function addOlderTrades(recent: RecentTrades, stored: readonly PublicTrade[]): void {
  const first = recent.trades[0]?.tradeId;
  if (first === undefined || recent.trades.length >= kept) return;
  const older = stored
    .filter(({ tradeId }) => tradeId < first)
    .sort((one, other) => one.tradeId - other.tradeId);
  if (older.at(-1)?.tradeId === first - 1) recent.trades = [...older, ...recent.trades].slice(-2 * kept);
}

/** The page as PostgreSQL would give it, or null if it begins before what is here. Nothing may have traded after it. */
export function pageOfRecent({ trades }: RecentTrades, page: Page): readonly PublicTrade[] | null {
  const [oldest, newest] = [trades[0]?.tradeId ?? 1, trades.at(-1)?.tradeId ?? 0];
  const lowest = Math.max((page.before ?? 0) + 1, 1);
  const highest = Math.min((page.after ?? Number.MAX_SAFE_INTEGER) - 1, newest);
  const from = isUpwards(page) ? lowest : Math.max(highest - page.limit + 1, lowest);
  if (from < oldest) return null;
  const to = isUpwards(page) ? Math.min(lowest + page.limit - 1, highest) : highest;
  const found = to < from ? [] : trades.slice(from - oldest, to - oldest + 1);
  return page.ascending ? found : found.reverse();
}
