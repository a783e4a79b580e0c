import test from 'ava';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { until } from '../support/until.ts';

/** The largest size there is, 2^53 - 1 lots. Three of them are beyond what a number of JavaScript holds exactly. */
const largest = '9007199254740991';
const thrice = '27021597764222973';

let exchange: Exchange;
let productId: string;
test.before(async () => {
  exchange = await startExchange();
  productId = await exchange.addProduct({ max_price: '0.01', base_max_size: largest });
  const [seller, buyer] = await Promise.all([exchange.trader(1), exchange.trader(2)]);
  const order = { product_id: productId, price: '0.01', size: largest };
  for (let i = 0; i < 3; i++) {
    await seller.post('/orders', { ...order, side: 'sell' });
    const { body } = await buyer.post('/orders', { ...order, side: 'buy' });
    if (body.done_reason !== 'filled') throw new Error(JSON.stringify(body));
  }
  for (let i = 0; i < 3; i++) await seller.post('/orders', { ...order, side: 'sell' });
});
test.after.always(() => exchange.stop());

const asked = async (path: string) => (await exchange.anonymous.get(path)).body;

test('positions', async (t) => {
  const net = async (traderId: number) => (await (await exchange.trader(traderId)).get('/positions')).body;
  const quote = '270215977642229.73';
  t.deepEqual(await net(1), [{ product_id: productId, base: `-${thrice}`, quote }]);
  t.deepEqual(await net(2), [{ product_id: productId, base: thrice, quote: `-${quote}` }]);
});

test('levels 1 and 2 of a book', async (t) => {
  for (const level of [1, 2])
    t.deepEqual((await asked(`/products/${productId}/book?level=${level}`)).asks, [['0.01', thrice, 3]]);
});

test('the volume of the ticker and of the statistics', async (t) => {
  t.is((await asked(`/products/${productId}/ticker`)).volume, thrice);
  const { volume, volume_30day } = await asked(`/products/${productId}/stats`);
  t.deepEqual([volume, volume_30day], [thrice, thrice]);
});

for (const granularity of [60, 300, 86_400])
  test(`candles of ${granularity} s`, async (t) => {
    await until(async () => {
      const answer = await fetch(
        `${exchange.baseUrl}/products/${productId}/candles?granularity=${granularity}`,
      );
      // As text: a number of JavaScript would not show it.
      const volumes = [...(await answer.text()).matchAll(/,(\d+)\]/g)].map(([, volume]) => BigInt(volume!));
      return volumes.reduce((sum, volume) => sum + volume, 0n) === BigInt(thrice);
    });
    t.pass();
  });
