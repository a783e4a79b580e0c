import test, { type ExecutionContext } from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { type FeedClient, openSocket, type SocketOptions } from '../../support/socket.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;

test.before(async () => {
  exchange = await startExchange({ env: { FEED_OPENINGS_PER_SECOND: '1000' } });
  alice = await exchange.trader(1);
  bob = await exchange.trader(2);
});
test.after.always(() => exchange?.stop());

async function open(t: ExecutionContext, options?: SocketOptions): Promise<FeedClient> {
  const client = await openSocket(exchange.baseUrl, options);
  t.teardown(client.close);
  return client;
}

/** Without what differs from run to run. */
function plain({
  time,
  order_id,
  maker_order_id,
  taker_order_id,
  checksum,
  ...message
}: Record<string, unknown>) {
  return message;
}

test('full tells every event of a product in the order of its numbers', async (t) => {
  const product_id = await exchange.addProduct();
  const client = await open(t);
  const answer = await client.subscribe({ product_ids: [product_id], channels: ['full'] });
  t.deepEqual(answer, { type: 'subscriptions', channels: [{ name: 'full', product_ids: [product_id] }] });
  await alice.post('/orders', { product_id, side: 'sell', price: '2.50', size: '3', client_oid: 'secret' });
  await bob.post('/orders', { product_id, side: 'buy', price: '2.60', size: '5' });
  await bob.delete('/orders', { product_id });
  for (const expected of [
    { type: 'received', side: 'sell', order_type: 'limit', size: '3', price: '2.50', sequence: 1 },
    { type: 'open', side: 'sell', price: '2.50', remaining_size: '3', sequence: 2 },
    { type: 'received', side: 'buy', order_type: 'limit', size: '5', price: '2.60', sequence: 3 },
    { type: 'match', side: 'sell', price: '2.50', size: '3', trade_id: 1, sequence: 4 },
    { type: 'done', side: 'sell', reason: 'filled', price: '2.50', remaining_size: '0', sequence: 5 },
    { type: 'open', side: 'buy', price: '2.60', remaining_size: '2', sequence: 6 },
    { type: 'done', side: 'buy', reason: 'canceled', price: '2.60', remaining_size: '2', sequence: 7 },
  ])
    t.deepEqual(plain(await client.next()), { ...expected, product_id });
});

test('level2 tells the whole book and then every new total, with a sequence and now and then a checksum', async (t) => {
  const product_id = await exchange.addProduct();
  await alice.post('/orders', { product_id, side: 'sell', price: '3', size: '2' });
  await alice.post('/orders', { product_id, side: 'buy', price: '1.5', size: '4' });
  const client = await open(t, { path: '/feed?' });
  await client.subscribe({ channels: [{ name: 'level2', product_ids: [product_id] }] });
  const { checksum, ...snapshot } = await client.next();
  t.deepEqual(plain(snapshot), {
    ...{ type: 'snapshot', product_id, sequence: 4 },
    ...{ bids: [['1.50', '4']], asks: [['3.00', '2']] },
  });
  t.is(checksum, 1_659_972_901, 'CRC-32 of 1.50:4,3.00:2');
  await bob.post('/orders', { product_id, side: 'buy', price: '3', size: '5' });
  const update = await client.next();
  t.deepEqual(plain(update), {
    ...{ type: 'l2update', product_id, sequence: 8 },
    changes: [
      ['buy', '3.00', '3'],
      ['sell', '3.00', '0'],
    ],
  });
  t.is(typeof update.checksum, 'number');
});

test('matches and ticker begin with the last trade', async (t) => {
  const product_id = await exchange.addProduct();
  const client = await open(t);
  await client.subscribe({ product_ids: [product_id], channels: ['matches', 'ticker'] });
  await alice.post('/orders', { product_id, side: 'sell', price: '3', size: '2' });
  await bob.post('/orders', { product_id, side: 'buy', price: '3', size: '1' });
  const match = { trade_id: 1, product_id, size: '1', price: '3.00', side: 'sell' };
  const ticker = {
    ...{ type: 'ticker', product_id, price: '3.00', last_size: '1', trade_id: 1, side: 'buy' },
    ...{ open_24h: '3.00', high_24h: '3.00', low_24h: '3.00', volume_24h: '1', volume_30d: '1' },
    ...{ best_bid: '0.00', best_bid_size: '0', best_ask: '3.00', best_ask_size: '1' },
  };
  t.deepEqual(plain(await client.next()), { type: 'match', ...match, sequence: 4 });
  t.deepEqual(plain(await client.next()), { ...ticker, sequence: 4 });
  const late = await open(t);
  await late.subscribe({ product_ids: [product_id], channels: ['matches', 'ticker'] });
  t.deepEqual(plain(await late.next()), { type: 'last_match', ...match, sequence: 5 });
  t.deepEqual(plain(await late.next()), { ...ticker, sequence: 5 });
});

test('heartbeats come each second with the last number and trade', async (t) => {
  const product_id = await exchange.addProduct();
  const client = await open(t);
  await client.subscribe({ product_ids: [product_id], channels: ['heartbeat'] });
  t.deepEqual(plain(await client.next()), { type: 'heartbeat', product_id, sequence: 0, last_trade_id: 0 });
  await alice.post('/orders', { product_id, side: 'sell', price: '3', size: '2' });
  t.deepEqual(plain(await client.next(({ sequence }) => sequence > 0)), {
    ...{ type: 'heartbeat', product_id, sequence: 2, last_trade_id: 0 },
  });
});

test('the user channel tells a trader what only it may know, and no event comes twice', async (t) => {
  const product_id = await exchange.addProduct();
  const token = await exchange.tokenOf(2);
  const client = await open(t);
  await client.subscribe({ token, product_ids: [product_id], channels: ['user', 'full', 'matches'] });
  await alice.post('/orders', { product_id, side: 'sell', price: '3', size: '2', client_oid: 'hers' });
  await bob.post('/orders', { product_id, side: 'buy', price: '3', size: '2', client_oid: 'his' });
  const own = { user_id: '2', profile_id: '2' };
  const expected = [
    { type: 'received', side: 'sell', order_type: 'limit', size: '2', price: '3.00' },
    { type: 'open', side: 'sell', price: '3.00', remaining_size: '2' },
    {
      type: 'received',
      side: 'buy',
      order_type: 'limit',
      size: '2',
      price: '3.00',
      ...own,
      client_oid: 'his',
    },
    {
      ...{ type: 'match', side: 'sell', price: '3.00', size: '2', trade_id: 1, ...own },
      ...{ taker_user_id: '2', taker_profile_id: '2', taker_fee_rate: '0.0000' },
    },
    { type: 'done', side: 'sell', reason: 'filled', price: '3.00', remaining_size: '0' },
    { type: 'done', side: 'buy', reason: 'filled', price: '3.00', remaining_size: '0', ...own },
  ];
  for (const [i, one] of expected.entries()) {
    const { request_id, ...message } = await client.next();
    t.deepEqual(plain(message), { ...one, product_id, sequence: i + 1 });
    t.is(typeof request_id, 'user_id' in one ? 'string' : 'undefined');
  }
});

test("a stop order that waits is its trader's alone: placed, amended, ended, and public once it is triggered", async (t) => {
  const product_id = await exchange.addProduct();
  const token = await exchange.tokenOf(2);
  const [own, all] = [await open(t), await open(t)];
  await own.subscribe({ token, product_ids: [product_id], channels: ['user'] });
  await all.subscribe({ product_ids: [product_id], channels: ['full'] });
  const stop = { product_id, side: 'sell', price: '2.00', size: '1', stop_price: '3.00' };
  const { id } = (await bob.post('/orders', stop)).body;
  await bob.put(`/orders/${id}`, { stop_price: '2.50' });
  await bob.delete(`/orders/${id}`);
  const second = (await bob.post('/orders', { ...stop, client_oid: 'second' })).body.id;
  for (const side of ['sell', 'buy'])
    await alice.post('/orders', { ...stop, side, price: '3', stop_price: null });
  const told = [];
  for (let i = 0; i < 6; i++) told.push(await own.next());
  t.deepEqual(
    told.map(({ type, order_id, sequence }) => [type, order_id, sequence]),
    [
      ['activate', id, undefined],
      ['change', id, undefined],
      ['done', id, undefined],
      ['activate', second, undefined],
      ['received', second, 7],
      ['open', second, 8],
    ],
  );
  t.like(told[0], {
    stop_type: 'loss',
    stop_price: '3.00',
    size: '1',
    side: 'sell',
    user_id: '2',
    private: true,
  });
  t.like(told[1], { stop_price: '2.50', new_size: '1', price: '2.00' });
  t.like(told[2], { reason: 'canceled', remaining_size: '1' });
  for (let sequence = 1; sequence <= 8; sequence++) t.is((await all.next()).sequence, sequence);
});

test('batches of level2 and ticker say what changed since the last one', async (t) => {
  const product_id = await exchange.addProduct();
  await alice.post('/orders', { product_id, side: 'sell', price: '3', size: '2' });
  await bob.post('/orders', { product_id, side: 'buy', price: '3', size: '1' });
  const client = await open(t);
  const { channels } = await client.subscribe({
    product_ids: [product_id],
    channels: ['level2_50', 'ticker_1000'],
  });
  t.deepEqual(
    channels.map(({ name }: { name: string }) => name),
    ['level2_batch', 'ticker_batch'],
  );
  t.like(await client.next(), { type: 'snapshot', asks: [['3.00', '1']], bids: [] });
  t.like(await client.next(), { type: 'ticker', trade_id: 1, price: '3.00' });
  await Promise.all(
    [1, 2, 3].map((price) => alice.post('/orders', { product_id, side: 'buy', price, size: '1' })),
  );
  const totals = new Map<string, string>();
  while (totals.get('buy 1.00') !== '1' || totals.get('buy 2.00') !== '1')
    for (const [side, price, size] of (await client.nextOf('l2update')).changes)
      totals.set(`${side} ${price}`, size);
  t.like(await client.nextOf('ticker'), { trade_id: 2, best_bid: '2.00', best_ask: '0.00' });
});

test('status tells products and currencies, at first and when one has changed', async (t) => {
  const client = await open(t);
  await client.subscribe({ channels: ['status'] });
  const { products, currencies } = await client.nextOf('status');
  t.true(products.some(({ id }: { id: string }) => id === 'PIKACHU-USD'));
  t.true(currencies.some(({ id }: { id: string }) => id === 'USD'));
  const added = await exchange.addProduct();
  await client.next((message) => message.products?.some(({ id }: { id: string }) => id === added));
  t.pass();
});

test('balance tells a trader what its accounts hold, and nobody else', async (t) => {
  const client = await open(t, { token: await exchange.tokenOf(7) });
  await client.subscribe({ channels: ['balance'] });
  await exchange.deposit(8, 'USD', '5');
  await exchange.deposit(7, 'USD', '100');
  const { updated, timestamp, ...balance } = await client.next();
  t.deepEqual(balance, {
    ...{ type: 'balance', account_id: '7-USD', currency: 'USD', holds: '0.00', available: '100.00' },
  });
  const seven = await exchange.trader(7);
  await seven.post('/orders', { product_id: 'VIBRANIUM-USD', side: 'buy', price: '2', size: '10' });
  t.like(await client.next(), { holds: '20.00', available: '80.00' });
});

test('one that comes back says where it left off, and is sent what it missed, or that it must begin anew', async (t) => {
  const product_id = await exchange.addProduct();
  const first = await open(t);
  await first.subscribe({ product_ids: [product_id], channels: ['full'] });
  await alice.post('/orders', { product_id, side: 'sell', price: '3', size: '2' });
  const { sequence } = await first.nextOf('open');
  first.close();
  await bob.post('/orders', { product_id, side: 'buy', price: '3', size: '1' });
  await alice.delete('/orders', { product_id });
  const back = await open(t);
  await back.subscribe({ product_ids: [product_id], channels: ['full'], since: sequence });
  const missed = [
    { type: 'received', side: 'buy', order_type: 'limit', size: '1', price: '3.00', sequence: 3 },
    { type: 'match', side: 'sell', price: '3.00', size: '1', trade_id: 1, sequence: 4 },
    { type: 'done', side: 'buy', reason: 'filled', price: '3.00', remaining_size: '0', sequence: 5 },
    { type: 'done', side: 'sell', reason: 'canceled', price: '3.00', remaining_size: '1', sequence: 6 },
  ];
  for (const message of missed) t.deepEqual(plain(await back.next()), { ...message, product_id });
  await alice.post('/orders', { product_id, side: 'sell', price: '3', size: '2' });
  t.like(await back.next(), { type: 'received', sequence: 7 });
  const own = await open(t, { token: await exchange.tokenOf(2) });
  await own.subscribe({ product_ids: [product_id], channels: ['user'], since: { [product_id]: 3 } });
  t.like(await own.next(), { type: 'match', taker_user_id: '2', sequence: 4 });
  t.like(await own.next(), { type: 'done', user_id: '2', sequence: 5 });
  const ahead = await open(t);
  await ahead.subscribe({ product_ids: [product_id], channels: ['matches'], since: 99 });
  t.like(await ahead.nextOf('snapshot_needed'), { product_id, since: 99, sequence: 8 });
});

test('to subscribe again changes nothing, and to unsubscribe ends what it names', async (t) => {
  const [one, two] = [await exchange.addProduct(), await exchange.addProduct()];
  const client = await open(t);
  await client.subscribe({ product_ids: [one, two], channels: ['level2'] });
  await client.nextOf('snapshot');
  await client.nextOf('snapshot');
  const again = await client.subscribe({ product_ids: [one], channels: ['level2', 'matches'] });
  t.deepEqual(again.channels, [
    { name: 'level2', product_ids: [one, two] },
    { name: 'matches', product_ids: [one] },
  ]);
  client.send({ type: 'unsubscribe', channels: ['matches'] });
  t.deepEqual((await client.next()).channels, [{ name: 'level2', product_ids: [one, two] }]);
  client.send({ type: 'unsubscribe', product_ids: [one], channels: ['level2'] });
  t.deepEqual((await client.next()).channels, [{ name: 'level2', product_ids: [two] }]);
  await alice.post('/orders', { product_id: one, side: 'sell', price: '3', size: '2' });
  await alice.post('/orders', { product_id: two, side: 'sell', price: '3', size: '2' });
  t.like(await client.next(), { type: 'l2update', product_id: two });
});

test('what cannot be subscribed to is told, and the socket goes on', async (t) => {
  const client = await open(t);
  const failed = { type: 'error', message: 'Failed to subscribe' };
  const said: [message: object | string, answer: object][] = [
    [
      { type: 'subscribe', channels: ['xyz'] },
      { ...failed, reason: 'xyz is not a valid channel' },
    ],
    [
      { type: 'subscribe', product_ids: ['NO-USD'], channels: ['full'] },
      { ...failed, reason: 'NO-USD is not a valid product' },
    ],
    [
      { type: 'subscribe', channels: ['level2'] },
      { ...failed, reason: 'level2 needs product_ids' },
    ],
    [
      { type: 'subscribe', channels: ['user'] },
      { ...failed, reason: 'user requires authentication' },
    ],
    [
      { type: 'subscribe', channels: 7 },
      { ...failed, reason: 'channels is not valid' },
    ],
    [{ type: 'nonsense' }, { ...failed, reason: 'type is not valid' }],
    [
      { type: 'subscribe', channels: ['user'], token: 'nonsense' },
      { type: 'error', message: 'Authentication Failed', reason: '{"message":"Invalid token"}' },
    ],
    [
      '[1]',
      { type: 'error', message: 'Failed to read the message', reason: 'a message must be a JSON object' },
    ],
  ];
  for (const [message, answer] of said) {
    client.send(message);
    t.deepEqual(await client.next(), answer);
  }
  client.send('{');
  t.regex((await client.next()).reason, /^Malformed JSON: /);
  const { channels } = await client.subscribe({ product_id: 'PIKACHU-USD' });
  t.deepEqual(channels, [{ name: 'full', product_ids: ['PIKACHU-USD'] }], 'as old clients ask for it');
});

test('there is no socket elsewhere, and one that subscribes to nothing is closed', async (t) => {
  await t.throwsAsync(open(t, { path: '/orders' }), { message: /404/ });
  const client = await open(t);
  t.deepEqual(await client.closed, { code: 1008, reason: 'nothing was subscribed to in 5 s' });
});
