import { Counter, Gauge, type Registry } from 'prom-client';
import type { Tally } from './tally.ts';

const activeMs = 300_000;

/** What was traded in a shard, by whom: told for each batch that PostgreSQL has. */
export function createBusinessMetrics(registry: Registry): (shard: string) => (tally: Tally) => void {
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name: `cardstock_${name}`, help, labelNames: ['shard', label], registers: [registry] });
  const orders = counter('orders_total', 'Orders, refused ones among them.', 'product');
  const rejected = counter(
    'rejected_commands_total',
    'Commands that were refused, by their reason.',
    'reason',
  );
  const trades = counter('trades_total', 'Trades.', 'product');
  const lots = counter('traded_lots_total', 'Lots that were traded.', 'product');
  const value = counter('traded_value_total', 'Ticks times lots that were traded.', 'product');
  const activeIn = new Map<string, Map<number, number>>();
  new Gauge({
    name: 'cardstock_active_traders',
    help: 'Traders whose orders were written within the last five minutes.',
    labelNames: ['shard'],
    collect() {
      const now = Date.now();
      for (const [shard, activeUntil] of activeIn) {
        for (const [trader, until] of activeUntil) if (until < now) activeUntil.delete(trader);
        this.set({ shard }, activeUntil.size);
      }
    },
    registers: [registry],
  });
  return (shard) => {
    const activeUntil = new Map<number, number>();
    activeIn.set(shard, activeUntil);
    return (tally) => {
      for (const [product, count] of tally.orders) orders.inc({ shard, product }, count);
      for (const [reason, count] of tally.rejected) rejected.inc({ shard, reason }, count);
      for (const [product, sum] of tally.traded) {
        trades.inc({ shard, product }, sum.trades);
        lots.inc({ shard, product }, sum.lots);
        value.inc({ shard, product }, sum.value);
      }
      const until = Date.now() + activeMs;
      for (const trader of tally.traders) activeUntil.set(trader, until);
    };
  };
}
