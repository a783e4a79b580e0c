import test from 'ava';
import { execute } from '../../support/database.ts';
import { startExchange } from '../../support/exchange.ts';
import { until } from '../../support/until.ts';

test('twenty thousand new products at once hold nobody up', async (t) => {
  const exchange = await startExchange();
  t.teardown(exchange.stop);
  const trader = await exchange.trader(3);
  const product = await exchange.addProduct();
  const order = { product_id: product, side: 'buy', price: '1.00', size: '1' };
  await execute(
    exchange.databaseUrl,
    `insert into currencies (currency, name, kind, increment)
      select 'X' || i, 'X' || i, 'crypto', 1 from generate_series(1, 20000) i`,
    `insert into products (product_id, shard, base_currency, quote_currency, funded, quote_increment, base_increment,
        min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
      select 'X' || i || '-USD', '${exchange.shard}', 'X' || i, 'USD', true, 0.01, 1, 0.01, 1, 1, 1000, 0.01, 10
      from generate_series(1, 20000) i`,
  );
  const waits: number[] = [];
  const start = performance.now();
  await until(async () => {
    const began = performance.now();
    t.is((await trader.post('/orders', order)).status, 200);
    t.is((await trader.get('/orders?limit=1')).status, 200);
    waits.push(performance.now() - began);
    return (await exchange.anonymous.get('/products/X9999-USD')).status === 200;
  });
  const took = performance.now() - start;
  t.log(
    `listed after ${took.toFixed()} ms; of ${waits.length} orders and reads the longest ${Math.max(...waits).toFixed()} ms`,
  );
});
