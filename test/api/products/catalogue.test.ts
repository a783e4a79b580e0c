import test, { type ExecutionContext } from 'ava';
import { type Catalogue, openCatalogue, productOf } from '../../../api/products/catalogue.ts';
import type { ProductRow } from '../../../api/products/queries/load-products.ts';
import { sleep } from '../../../core/lifecycle.ts';
import { createLog } from '../../../core/log.ts';
import { execute, freshPool } from '../../support/database.ts';

const log = createLog('test', 'silent');

const pikachu: ProductRow = {
  productId: 'PIKACHU-USD',
  shard: 'main',
  baseCurrency: 'PIKACHU',
  quoteCurrency: 'USD',
  status: 'online',
  version: 1,
  quoteIncrement: '0.01',
  baseIncrement: '1',
  minPrice: '1.00',
  maxPrice: '10.00',
  baseMinSize: '1',
  baseMaxSize: '1',
  minMarketFunds: '1.00',
  maxMarketFunds: '10.00',
  selfTradePrevention: 'none',
  maxMakers: 2_500,
  makerFeeRate: '0',
  takerFeeRate: '0',
  priceCollar: '0',
  collarHalts: false,
};

test('a row becomes a product in ticks, lots and quote units', (t) => {
  const { row, ...product } = productOf(pikachu, null, () => undefined);
  t.is(row, pikachu);
  t.deepEqual(product, {
    productId: 'PIKACHU-USD',
    shard: 'main',
    baseCurrency: 'PIKACHU',
    quoteCurrency: 'USD',
    status: 'online',
    version: 1,
    selfTradePrevention: 'none',
    tick: { digits: 2, units: 1 },
    lot: { digits: 0, units: 1 },
    quoteUnit: { digits: 2, units: 1 },
    minPrice: 100,
    maxPrice: 1000,
    minSize: 1,
    maxSize: 1,
    minFunds: 100,
    maxFunds: 1000,
    fees: { maker: 0, taker: 0, unit: { digits: 2, units: 1 } },
    collar: 0,
    funding: null,
  });
});

test('rates and the collar of a row become parts per million', (t) => {
  const row = { ...pikachu, makerFeeRate: '0.004', takerFeeRate: '0.006', priceCollar: '0.05' };
  const { fees, collar } = productOf(row, null, () => undefined);
  t.deepEqual([fees.maker, fees.taker, collar], [4_000, 6_000, 50_000]);
});

test('limits of funds that are no whole quote units are rounded inwards', (t) => {
  const limits = { minMarketFunds: '1.000001', maxMarketFunds: '10' };
  const { minFunds, maxFunds, quoteUnit } = productOf(
    {
      ...{ ...pikachu, ...limits },
      quoteIncrement: '0.03',
      baseIncrement: '0.0010',
      maxPrice: '9.99',
      minPrice: '0.99',
    },
    null,
    () => undefined,
  );
  t.deepEqual(quoteUnit, { digits: 5, units: 3 });
  t.is(minFunds, 33_334);
  t.is(maxFunds, 333_333);
});

/** A catalogue of a database of its own. */
async function openFresh(t: ExecutionContext): Promise<{ url: string; catalogue: Catalogue }> {
  const { url, pool } = await freshPool(t, { maxPoolSize: 2, statementTimeout: 5_000 });
  const catalogue = await openCatalogue({ pool, log, isServed: () => true });
  t.teardown(catalogue.close);
  return { url, catalogue };
}

test('a changed row is seen after a reload', async (t) => {
  const { url, catalogue } = await openFresh(t);
  t.deepEqual(
    catalogue.products().map(({ productId }) => productId),
    ['BULBASAUR-USD', 'CHARMANDER-USD', 'PIKACHU-USD', 'SQUIRTLE-USD', 'VIBRANIUM-USD'],
  );
  t.deepEqual(catalogue.product('PIKACHU-USD')?.row, pikachu);
  t.is(catalogue.product('MEW-USD'), undefined);
  t.is(catalogue.currencies().length, 6);
  t.deepEqual(catalogue.product('VIBRANIUM-USD')?.funding, {
    ...{ baseCurrency: 'VIBRANIUM', baseUnits: 1, quoteCurrency: 'USD', quoteUnits: 1 },
  });
  t.deepEqual(catalogue.fundedCurrencies(), [
    { currency: 'USD', increment: { digits: 2, units: 1 }, shards: ['main'] },
    { currency: 'VIBRANIUM', increment: { digits: 0, units: 1 }, shards: ['main'] },
  ]);
  t.is(catalogue.fundedCurrency('PIKACHU'), undefined);
  t.deepEqual(catalogue.currency('USD'), {
    currency: 'USD',
    name: 'US Dollar',
    kind: 'fiat',
    increment: '0.01',
  });

  await execute(url, `update products set status = 'cancel_only' where product_id = 'PIKACHU-USD'`);
  t.is(catalogue.product('PIKACHU-USD')?.status, 'online');
  for (let i = 0; i < 10; i++) catalogue.reload();
  await until(() => catalogue.product('PIKACHU-USD')?.status === 'cancel_only');
  t.is(catalogue.product('PIKACHU-USD')?.version, 2);
});

test('a currency that is added is seen without a reload, and its removal as well', async (t) => {
  const { url, catalogue } = await openFresh(t);
  await execute(url, `insert into currencies values ('EUR', 'Euro', 'fiat', 0.01)`);
  t.is(catalogue.currency('EUR'), undefined);
  await until(() => catalogue.currency('EUR') !== undefined);
  await execute(url, `delete from currencies where currency = 'EUR'`);
  await until(() => catalogue.currency('EUR') === undefined);
  t.is(catalogue.products().length, 5);
});

test('what was known stays while it cannot be read, and is read as soon as it can', async (t) => {
  const { url, catalogue } = await openFresh(t);
  await execute(url, `update products set status = 'offline'`, 'alter table products rename to hidden');
  catalogue.reload();
  await sleep(300);
  t.is(catalogue.product('PIKACHU-USD')?.status, 'online');
  await execute(url, 'alter table hidden rename to products');
  await until(() => catalogue.product('PIKACHU-USD')?.status === 'offline');
  t.pass();
});

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !condition(); await sleep(5)) {
    if (Date.now() > deadline) throw new Error('what was waited for did not come about');
  }
}
