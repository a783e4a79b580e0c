import test, { type ExecutionContext } from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { type FeedClient, type Message, openSocket } from '../../support/socket.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;

test.before(async () => {
  exchange = await startExchange({ env: { FEED_OPENINGS_PER_SECOND: '1000' } });
  alice = await exchange.trader(1);
  bob = await exchange.trader(2);
});
test.after.always(() => exchange?.stop());

async function subscribed(t: ExecutionContext, product_id: string, channels: string[]): Promise<FeedClient> {
  const client = await openSocket(exchange.baseUrl);
  t.teardown(client.close);
  await client.subscribe({ product_ids: [product_id], channels });
  return client;
}

const setStatus = (product_id: string, status: string) =>
  exchange.operator.put(`/products/${product_id}`, { status });

/** The next message that says this. Those before it are of what it came to on the way. */
const next = (client: FeedClient, wanted: Partial<Message>): Promise<Message> =>
  client.next((message) => Object.entries(wanted).every(([name, value]) => message[name] === value));

const nothing = {
  ...{ open_price: null, open_size: '0', imbalance_side: null, imbalance_size: '0', can_open: 'no' },
  ...{ best_bid_price: null, best_bid_size: null, best_ask_price: null, best_ask_size: null },
};

test('auction begins with what there is, tells what changes, and ends with the opening', async (t) => {
  const product_id = await exchange.addProduct({ status: 'auction' });
  const client = await subscribed(t, product_id, ['auction', 'matches']);
  const { time, ...first } = await client.next();
  t.deepEqual(first, { type: 'auction', product_id, sequence: 0, ...nothing, auction_state: 'collection' });
  await alice.post('/orders', { product_id, side: 'buy', price: '5.00', size: '3' });
  t.like(await next(client, { best_bid_price: '5.00' }), {
    ...{ ...nothing, best_bid_price: '5.00', best_bid_size: '3', sequence: 2 },
  });
  await bob.post('/orders', { product_id, side: 'sell', price: '4.00', size: '2' });
  const gathered = {
    ...{ open_price: '4.50', open_size: '2', imbalance_side: 'buy', imbalance_size: '1', can_open: 'yes' },
    ...{ best_bid_price: '5.00', best_bid_size: '3', best_ask_price: '4.00', best_ask_size: '2' },
  };
  t.like(await next(client, { can_open: 'yes' }), { ...gathered, sequence: 4 });
  const { auction, sequence } = (await exchange.anonymous.get(`/products/${product_id}/book`)).body;
  t.like({ ...auction, sequence }, { ...gathered, auction_state: 'collection', sequence: 4 });
  const late = await subscribed(t, product_id, ['auctionfeed']);
  t.like(await late.next(), { type: 'auction', ...gathered, sequence: 4 });

  await setStatus(product_id, 'online');
  t.like(await client.next(), { type: 'match', price: '4.50', size: '2', trade_id: 1 });
  const opened = {
    ...nothing,
    open_price: '4.50',
    open_size: '2',
    best_bid_price: '5.00',
    best_bid_size: '1',
  };
  for (const one of [client, late])
    t.like(await one.next(), { type: 'auction', ...opened, auction_state: 'complete', sequence: 6 });

  await bob.post('/orders', { product_id, side: 'sell', price: '5.00', size: '1' });
  t.like(await client.next(), { type: 'match', trade_id: 2 }, 'no auction, no message of one');
  const after = await subscribed(t, product_id, ['auction', 'ticker']);
  t.like(await after.next(), { type: 'ticker', trade_id: 2 });
});

test('a later auction of the product is told too, and one that opens nothing', async (t) => {
  const product_id = await exchange.addProduct();
  const client = await subscribed(t, product_id, ['auction']);
  for (let round = 0; round < 2; round++) {
    await setStatus(product_id, 'auction');
    t.like(await client.next(), { ...nothing, auction_state: 'collection' });
    await setStatus(product_id, 'online');
    t.like(await client.next(), { ...nothing, auction_state: 'complete' });
  }
});

test('an auction that is suspended says so, and ends when its product is online', async (t) => {
  const product_id = await exchange.addProduct({ status: 'auction' });
  const client = await subscribed(t, product_id, ['auction']);
  await alice.post('/orders', { product_id, side: 'buy', price: '6.00', size: '1' });
  await bob.post('/orders', { product_id, side: 'sell', price: '6.00', size: '1' });
  await next(client, { can_open: 'yes' });
  await setStatus(product_id, 'cancel_only');
  t.like(await client.next(), {
    ...{ open_price: null, open_size: '0', can_open: 'no', auction_state: 'suspended' },
    ...{ best_bid_price: '6.00', best_ask_price: '6.00' },
  });
  await setStatus(product_id, 'offline');
  await setStatus(product_id, 'online');
  t.like(await client.next(), { ...nothing, auction_state: 'complete', open_price: '6.00', open_size: '1' });
});
