import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';

let exchange: Exchange;
let alice: Client;
let bob: Client;

test.before(async () => {
  exchange = await startExchange();
  alice = await exchange.trader(1);
  bob = await exchange.trader(2);
});
test.after.always(() => exchange?.stop());

const card = {
  ...{ id: 'PIKACHU-USD', base_currency: 'PIKACHU', quote_currency: 'USD', display_name: 'PIKACHU/USD' },
  ...{ quote_increment: '0.01', base_increment: '1', min_price: '1.00', max_price: '10.00' },
  ...{ base_min_size: '1', base_max_size: '1', min_market_funds: '1.00', max_market_funds: '10.00' },
  ...{ status: 'online', status_message: '', cancel_only: false, trading_disabled: false, stp: 'none' },
  ...{ funded: false, maker_fee_rate: '0.0000', taker_fee_rate: '0.0000', max_makers: 2_500 },
  ...{
    margin_enabled: false,
    post_only: false,
    limit_only: false,
    fx_stablecoin: false,
    auction_mode: false,
  },
  ...{ price_collar: '0.0000', collar_halts: false, max_slippage_percentage: '0.00000000' },
  ...{ max_makers: 2_500, maker_fee_rate: '0.0000', taker_fee_rate: '0.0000' },
};

test('the four cards are products, and what they are made of are currencies', async (t) => {
  const { anonymous } = exchange;
  const { body } = await anonymous.get('/products');
  const ids = body.map(({ id }: { id: string }) => id);
  for (const name of ['BULBASAUR', 'CHARMANDER', 'PIKACHU', 'SQUIRTLE']) t.true(ids.includes(`${name}-USD`));
  t.deepEqual((await anonymous.get('/products/PIKACHU-USD')).body, card);
  const currencies = (await anonymous.get('/currencies')).body;
  t.true(currencies.some(({ id }: { id: string }) => id === 'USD'));
  t.like((await anonymous.get('/currencies/USD')).body, {
    id: 'USD',
    max_precision: '0.01',
    status: 'online',
  });
  t.false('message' in (await anonymous.get('/currencies/USD')).body);
});

test('the time is told as text and as a number, also to those who send a body', async (t) => {
  const { body } = await exchange.anonymous.get('/time');
  t.is(Date.parse(body.iso), Math.round(body.epoch * 1_000));
  t.is((await exchange.anonymous.get('/time', { 'CB-ACCESS-KEY': 'nonsense' })).status, 200);
});

test('what is not there is NotFound, whatever the method', async (t) => {
  const paths: [method: string, path: string][] = [
    ['GET', '/nothing'],
    ['GET', '/products/NO-USD'],
    ['GET', '/products/NO-USD/book'],
    ['GET', '/products/NO-USD/ticker'],
    ['GET', '/products/NO-USD/trades'],
    ['GET', '/currencies/NO'],
    ['PUT', '/orders'],
    ['PATCH', '/orders'],
    ['POST', '/time'],
    ['DELETE', '/products/PIKACHU-USD'],
    ['OPTIONS', '/orders'],
    ['GET', '/orders/1/2'],
  ];
  for (const [method, path] of paths) {
    const { status, body } = await exchange.anonymous.send(method, path);
    t.deepEqual([status, body], [404, { message: 'NotFound' }], `${method} ${path}`);
  }
});

test('what is private needs a token', async (t) => {
  const paths: [method: string, path: string][] = [
    ['POST', '/orders'],
    ['POST', '/orders/batch'],
    ['GET', '/orders'],
    ['DELETE', '/orders'],
    ['GET', '/orders/1'],
    ['PUT', '/orders/1'],
    ['DELETE', '/orders/1'],
    ['GET', '/fills'],
    ['POST', '/products'],
    ['PUT', '/products/PIKACHU-USD'],
    ['POST', '/deposits'],
    ['POST', '/withdrawals'],
    ['POST', '/transfers'],
    ['GET', '/transfers'],
    ['GET', '/accounts'],
    ['GET', '/accounts/1-USD'],
    ['GET', '/accounts/1-USD/ledger'],
    ['GET', '/accounts/1-USD/holds'],
    ['GET', '/accounts/1-USD/transfers'],
    ['GET', '/fees'],
    ['GET', '/positions'],
    ['GET', '/profiles'],
  ];
  for (const [method, path] of paths) {
    const none = await exchange.anonymous.send(method, path);
    t.deepEqual(
      [none.status, none.body.message],
      [401, 'CB-ACCESS-KEY header is required, or Authorization with a bearer token'],
      `${method} ${path}`,
    );
    t.is(none.headers.get('www-authenticate'), 'Bearer realm="cardstock"');
    for (const authorization of ['Bearer nonsense', 'Bearer', 'Basic YTpi', 'Bearer ünï']) {
      const headers = { authorization: encodeURI(authorization).replaceAll('%20', ' ') };
      const answer = await exchange.anonymous.send(method, path, undefined, headers);
      const { status, body } = answer;
      t.deepEqual([status, body.message], [401, 'Invalid token'], `${method} ${path} ${authorization}`);
      t.is(answer.headers.get('www-authenticate'), 'Bearer realm="cardstock", error="invalid_token"');
    }
  }
});

test('each answer names its request', async (t) => {
  const idFor = async (given?: string): Promise<string | null> => {
    const headers: Record<string, string> = given === undefined ? {} : { 'x-request-id': given };
    return (await exchange.anonymous.get('/nothing', headers)).headers.get('x-request-id');
  };
  t.is(await idFor('from-client/1'), 'from-client/1');
  for (const unfit of [undefined, 'a b', '-', '{"a":1}', 'x'.repeat(65)])
    t.regex((await idFor(unfit)) ?? '', /^[\w-]{16}$/);
});

test('the process says that it is alive and ready', async (t) => {
  t.deepEqual((await exchange.anonymous.get('/health/live')).body, { status: 'live' });
  t.like((await exchange.anonymous.get('/health/ready')).body, { status: 'ready' });
});

test('a book is shown by its best prices, by price, and by order', async (t) => {
  const product = await exchange.addProduct();
  const ids: string[] = [];
  for (const [side, price, size] of [
    ['sell', '3.00', '2'],
    ['sell', '2.50', '1'],
    ['sell', '3', '5'],
    ['buy', '2.00', '4'],
    ['buy', '1.00', '1'],
  ])
    ids.push((await alice.post('/orders', { product_id: product, side, price, size })).body.id);
  const book = async (level: string) =>
    (await exchange.anonymous.get(`/products/${product}/book${level}`)).body;
  const { time, ...best } = await book('');
  t.true(Math.abs(Date.parse(time) - Date.now()) < 10_000);
  t.deepEqual(best, {
    ...{ sequence: 10, auction_mode: false, auction: null },
    ...{ bids: [['2.00', '4', 1]], asks: [['2.50', '1', 1]] },
  });
  t.like(await book('?level=2'), {
    bids: [
      ['2.00', '4', 1],
      ['1.00', '1', 1],
    ],
    asks: [
      ['2.50', '1', 1],
      ['3.00', '7', 2],
    ],
  });
  t.like(await book('?level=3'), {
    bids: [
      ['2.00', '4', ids[3]],
      ['1.00', '1', ids[4]],
    ],
    asks: [
      ['2.50', '1', ids[1]],
      ['3.00', '2', ids[0]],
      ['3.00', '5', ids[2]],
    ],
  });
});

test('ticker and trades show what traded last', async (t) => {
  const product = await exchange.addProduct();
  const at = `/products/${product}`;
  const nothing = { trade_id: null, price: null, size: null, time: null, bid: null, ask: null, volume: '0' };
  t.deepEqual((await exchange.anonymous.get(`${at}/ticker`)).body, nothing);
  await alice.post('/orders', { product_id: product, side: 'sell', price: '2.50', size: '3' });
  await bob.post('/orders', { product_id: product, side: 'buy', price: '2.50', size: '2' });
  const ticker = (await exchange.anonymous.get(`${at}/ticker`)).body;
  t.like(ticker, { trade_id: 1, price: '2.50', size: '2', bid: null, ask: '2.50', volume: '2' });
  const trades = (await exchange.anonymous.get(`${at}/trades`)).body;
  t.deepEqual(trades, [{ trade_id: 1, side: 'sell', price: '2.50', size: '2', time: ticker.time }]);
});

test('operators add and change products; what makes no sense is refused', async (t) => {
  const { operator } = exchange;
  const said = { quote_increment: '0.05', base_increment: '0.1', max_price: '100', base_max_size: '10' };
  const added = await operator.post('/products', { id: 'MEW-USD', ...said, stp: 'dc', min_price: 1 });
  t.is(added.status, 200);
  t.like(added.body, {
    id: 'MEW-USD',
    min_price: '1.00',
    base_min_size: '0.1',
    max_market_funds: '1000.000',
    stp: 'dc',
  });
  t.deepEqual((await exchange.anonymous.get('/products/MEW-USD')).body, added.body);
  t.like((await exchange.anonymous.get('/currencies/MEW')).body, { id: 'MEW', max_precision: '0.1' });
  const changed = await operator.put('/products/MEW-USD', { max_price: '50', cancel_only: 'true' });
  t.deepEqual(changed.body, { ...added.body, max_price: '50.00', cancel_only: true });
  t.is((await alice.post('/products', { id: 'ABRA-USD', ...said })).status, 403);
  t.is((await alice.put('/products/MEW-USD', { status: 'offline' })).status, 403);
  t.is((await operator.put('/products/NO-USD', { status: 'offline' })).status, 404);
  const refused: [method: 'post' | 'put', body: object, message: RegExp][] = [
    ['post', { id: 'MEW-USD' }, /^Invalid id: there is a product MEW-USD already$/],
    ['post', { id: 'MEW' }, /^Invalid id: must be two currencies/],
    ['post', { id: 'MEW-EUR' }, /^Invalid id: there is no currency EUR$/],
    [
      'post',
      { id: 'ABRA-USD', quote_increment: '0' },
      /^Invalid quote_increment: must be a positive plain decimal$/,
    ],
    [
      'post',
      { id: 'ABRA-USD', max_price: '1.01' },
      /^Invalid max_price: must be a positive multiple of 0.05$/,
    ],
    ['post', { id: 'ABRA-USD', min_price: '200' }, /^Invalid min_price: must not be above max_price$/],
    ['post', { id: 'ABRA-USD', base_max_size: '999999999999' }, /^Invalid base_max_size: the largest order/],
    ['put', { base_increment: '1' }, /^Invalid base_increment: cannot change/],
    ['put', { status: 'paused' }, /^Invalid status: must be online, cancel_only, offline or auction$/],
    ['put', { base_min_size: '11' }, /^Invalid base_min_size: must not be above base_max_size$/],
  ];
  for (const [method, body, message] of refused) {
    const answer =
      method === 'post'
        ? await operator.post('/products', { ...said, ...body })
        : await operator.put('/products/MEW-USD', body);
    t.is(answer.status, 400, JSON.stringify(body));
    t.regex(answer.body.message, message);
  }
});

test('a product can be funded if it fits its currencies', async (t) => {
  const { operator } = exchange;
  const said = { quote_increment: '1', base_increment: '0.5', max_price: '1000', base_max_size: '100' };
  const added = await operator.post('/products', { id: 'ONIX-USD', ...said, funded: true });
  t.like(added.body, { id: 'ONIX-USD', funded: true });
  t.like((await exchange.anonymous.get('/currencies/ONIX')).body, { max_precision: '0.5' });
  t.like((await exchange.anonymous.get('/products/VIBRANIUM-USD')).body, {
    ...{ funded: true, min_price: '0.01', max_price: '100000.00', base_max_size: '1000000', stp: 'dc' },
    ...{ quote_increment: '0.01', base_increment: '1', max_market_funds: '100000000000.00' },
  });
  const misfit =
    'Invalid product: a lot and a tick of a funded product must be whole units of its currencies';
  const tooLarge = 'Invalid product: the largest order of a funded product must cost less than 2^53 units';
  const refused: [body: object, message: string][] = [
    [{ id: 'ABRA-USD', quote_increment: '0.01' }, misfit],
    [{ id: 'VIBRANIUM-PIKACHU' }, misfit],
    [{ id: 'ABRA-USD', base_increment: '1', max_price: '100000000', base_max_size: '10000000' }, tooLarge],
    [{ id: 'ABRA-USD', funded: 1 }, 'Invalid funded: must be true or false'],
  ];
  for (const [body, message] of refused) {
    const answer = await operator.post('/products', { ...said, funded: true, ...body });
    t.deepEqual([answer.status, answer.body.message], [400, message]);
  }
  t.is((await exchange.anonymous.get('/currencies/ABRA')).status, 404);
  const changes: [body: object, message: string][] = [
    [{ funded: false }, 'Invalid funded: cannot change; add another product'],
    [{ max_price: '1000000000000', base_max_size: '1000' }, tooLarge],
  ];
  for (const [body, message] of changes) {
    const answer = await operator.put('/products/ONIX-USD', body);
    t.deepEqual([answer.status, answer.body.message], [400, message]);
  }
});

test('a request that cannot be read as HTTP is answered in JSON', async (t) => {
  const headers = { 'x-large': 'x'.repeat(20_000) };
  const answer = await exchange.anonymous.get('/time', headers);
  t.deepEqual([answer.status, answer.body], [431, { message: 'Request Header Fields Too Large' }]);
});
