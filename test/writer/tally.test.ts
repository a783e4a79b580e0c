import test from 'ava';
import { Registry } from 'prom-client';
import { createBusinessMetrics } from '../../writer/business-metrics.ts';
import { tallyOf } from '../../writer/tally.ts';

const place = (traderId: number, productId: string, rejectReason: string | null = null) =>
  ({ id: 1, command: { traderId, productId }, change: { rejectReason } }) as never;
const trade = (productId: string, price: number, size: number) =>
  ({ productId, match: { price, size } }) as never;
const batch = {
  orders: [place(1, 'A-USD'), place(2, 'A-USD'), place(1, 'B-USD', 'post_only')],
  commands: [{ rejectReason: 'order_not_found' }, { rejectReason: null }] as never,
  trades: [trade('A-USD', 500, 2), trade('A-USD', 300, 1)],
};

test('a batch is counted by product, by reason and by trader', (t) => {
  t.deepEqual(tallyOf(batch), {
    orders: new Map([
      ['A-USD', 2],
      ['B-USD', 1],
    ]),
    rejected: new Map([
      ['post_only', 1],
      ['order_not_found', 1],
    ]),
    traded: new Map([['A-USD', { trades: 2, lots: 3, value: 1_300 }]]),
    traders: new Set([1, 2]),
  });
});

test('what PostgreSQL has is added up, and a trader who wrote twice is one', async (t) => {
  const registry = new Registry();
  const written = createBusinessMetrics(registry)('main');
  written(tallyOf(batch));
  written(tallyOf(batch));
  const text = await registry.metrics();
  for (const line of [
    'cardstock_orders_total{shard="main",product="A-USD"} 4',
    'cardstock_rejected_commands_total{shard="main",reason="post_only"} 2',
    'cardstock_trades_total{shard="main",product="A-USD"} 4',
    'cardstock_traded_lots_total{shard="main",product="A-USD"} 6',
    'cardstock_traded_value_total{shard="main",product="A-USD"} 2600',
    'cardstock_active_traders{shard="main"} 2',
  ])
    t.true(text.includes(`${line}\n`), line);
});
