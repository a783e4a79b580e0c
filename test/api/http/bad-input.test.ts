import test from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';

let exchange: Exchange;
let trader: Client;
/** Ticks of 0.05, lots of 0.001, prices 0.10 to 1,000, sizes 0.005 to 10, funds from 0.5. */
let product: string;

test.before(async () => {
  exchange = await startExchange();
  trader = await exchange.trader(1);
  product = await exchange.addProduct({
    ...{ quote_increment: '0.05', base_increment: '0.001', min_price: '0.10', max_price: '1000' },
    ...{ base_min_size: '0.005', base_max_size: '10', min_market_funds: '0.5', max_market_funds: '100' },
  });
});
test.after.always(() => exchange?.stop());

const order = (changes: Record<string, unknown>) => ({
  ...{ product_id: product, side: 'buy', price: '1.00', size: '1' },
  ...changes,
});
const market = (changes: Record<string, unknown>) =>
  order({ type: 'market', price: undefined, size: undefined, ...changes });

const refusals: [what: string, body: () => unknown, message: string][] = [
  ['no product', () => order({ product_id: undefined }), 'Invalid product_id: required'],
  ['a number as product', () => order({ product_id: 7 }), 'Invalid product_id: must be text'],
  ['an unknown product', () => order({ product_id: 'NO-USD' }), 'Product not found'],
  ['a product named like a prototype', () => order({ product_id: '__proto__' }), 'Product not found'],
  ['no side', () => order({ side: undefined }), 'Invalid side: required'],
  ['an unknown side', () => order({ side: 'BUY' }), 'Invalid side: must be buy or sell'],
  ['a null side', () => order({ side: null }), 'Invalid side: required'],
  ['an unknown type', () => order({ type: 'iceberg' }), 'Invalid type: must be limit or market'],
  [
    'a stop order',
    () => order({ type: 'stop', price: undefined }),
    'Invalid stop_price: required for a stop order',
  ],
  [
    'a stop price off tick',
    () => order({ stop_price: '1.01' }),
    'stop_price too precise: must be a multiple of 0.05',
  ],
  ['a stop', () => order({ stop: 'loss' }), 'Invalid stop_price: required for a stop order'],
  [
    'a stop that is post only',
    () => order({ stop_price: '1', post_only: true }),
    'Invalid post_only: a stop order takes when it is triggered',
  ],
  [
    'a stop that is IOC',
    () => order({ stop_price: '1', time_in_force: 'IOC' }),
    'Invalid time_in_force: a stop order cannot be IOC; use GTC or GTT',
  ],
  [
    'a hidden part of what never rests',
    () => order({ max_floor: '1', time_in_force: 'IOC' }),
    'Invalid max_floor: an order that is IOC never rests',
  ],
  [
    'GTT',
    () => order({ time_in_force: 'GTT' }),
    'Invalid time_in_force: a GTT order needs cancel_after or expire_time',
  ],
  ['cancel_after', () => order({ cancel_after: 'min' }), 'Invalid cancel_after: for GTT orders only'],
  [
    'a time that is past',
    () => order({ time_in_force: 'GTT', expire_time: '2001-01-01T00:00:00Z' }),
    'Invalid expire_time: is past',
  ],
  [
    'an unknown tif',
    () => order({ time_in_force: 'PO' }),
    'Invalid time_in_force: must be GTC, GTT, IOC or FOK',
  ],
  ['an unknown stp', () => order({ stp: 'xx' }), 'Invalid stp: must be dc, co, cn or cb'],
  ['a number as post_only', () => order({ post_only: 1 }), 'Invalid post_only: must be true or false'],
  [
    'post only and IOC',
    () => order({ post_only: true, time_in_force: 'IOC' }),
    'Invalid post_only: a post-only order cannot be IOC',
  ],
  [
    'post only and FOK',
    () => order({ post_only: 'true', time_in_force: 'FOK' }),
    'Invalid post_only: a post-only order cannot be FOK',
  ],
  ['no price', () => order({ price: undefined }), 'Invalid price: required for a limit order'],
  ['no size', () => order({ size: undefined }), 'Invalid size: required for a limit order'],
  ['a limit order by funds', () => order({ funds: '1' }), 'Invalid funds: for market orders only'],
  ['a price in an object', () => order({ price: {} }), 'Invalid price: must be a decimal, as text or number'],
  ['a true price', () => order({ price: true }), 'Invalid price: must be a decimal, as text or number'],
  ['a price off tick', () => order({ price: '1.01' }), 'price too precise: must be a multiple of 0.05'],
  ['a number off tick', () => order({ price: 1.01 }), 'price too precise: must be a multiple of 0.05'],
  ['too many places', () => order({ price: '1.0500001' }), 'price too precise: must be a multiple of 0.05'],
  ['price 0', () => order({ price: '0' }), 'price too small: must be at least 0.10'],
  ['price -0', () => order({ price: '-0' }), 'price too small: must be at least 0.10'],
  ['a negative price', () => order({ price: '-1' }), 'price too small: must be at least 0.10'],
  [
    'a very negative price',
    () => order({ price: '-99999999999999999999' }),
    'price too small: must be at least 0.10',
  ],
  ['a price below the least', () => order({ price: '0.05' }), 'price too small: must be at least 0.10'],
  [
    'a price above the most',
    () => order({ price: '1000.05' }),
    'price is too large: must be at most 1000.00',
  ],
  ['a huge price', () => order({ price: '9'.repeat(40) }), 'price is too large: must be at most 1000.00'],
  ['size 0', () => order({ size: 0 }), 'size is too small: must be at least 0.005'],
  ['a size below the least', () => order({ size: '0.004' }), 'size is too small: must be at least 0.005'],
  [
    'a size below the least and off the lot',
    () => order({ size: '0.0005' }),
    'size is too small: must be at least 0.005',
  ],
  ['a negative size', () => order({ size: -1 }), 'size is too small: must be at least 0.005'],
  ['a size above the most', () => order({ size: '10.001' }), 'size is too large: must be at most 10.000'],
  ['a part of a lot', () => order({ size: '0.0055' }), 'size is too accurate: must be a multiple of 0.001'],
  ...[
    'NaN',
    'Infinity',
    '1e400',
    '1e2',
    '0x1',
    '１.00',
    '٣',
    '1,5',
    '+1',
    '1.',
    '.5',
    ' 1',
    '',
    '1_0',
    '- 1',
  ].map((price): [string, () => unknown, string] => [
    `the price ${JSON.stringify(price)}`,
    () => order({ price }),
    'Invalid price: must be a plain decimal number',
  ]),
  ['neither size nor funds', () => market({}), 'Invalid size: a market order needs size or funds'],
  [
    'a priced market order',
    () => market({ size: '1', price: '1' }),
    'Invalid price: a market order has none',
  ],
  [
    'a resting market order',
    () => market({ size: '1', time_in_force: 'GTC' }),
    'Invalid time_in_force: a market order never rests, so it can only be IOC',
  ],
  [
    'a post-only market order',
    () => market({ size: '1', post_only: true }),
    'Invalid post_only: a market order always takes',
  ],
  [
    'funds below the least',
    () => market({ funds: '0.45' }),
    'size is too small: funds: must be at least 0.50000',
  ],
  ['funds above the most', () => market({ funds: '101' }), 'funds is too large: must be at most 100.00000'],
  [
    'funds in parts of a unit',
    () => market({ funds: '1.00001' }),
    'funds is too accurate: must be a multiple of 0.00005',
  ],
  [
    'a client_oid with a space',
    () => order({ client_oid: 'a b' }),
    'Invalid client_oid: must be 1 to 64 letters, digits, - and _',
  ],
  [
    'a long client_oid',
    () => order({ client_oid: 'a'.repeat(65) }),
    'Invalid client_oid: must be 1 to 64 letters, digits, - and _',
  ],
  ['a dash as client_oid', () => order({ client_oid: '-' }), 'Invalid client_oid: must not be - alone'],
  ['a number as client_oid', () => order({ client_oid: 5 }), 'Invalid client_oid: must be text'],
  [
    "another's trader_id",
    () => order({ trader_id: 2 }),
    'Invalid trader_id: the token belongs to another trader',
  ],
  ['trader_id 0', () => order({ trader_id: 0 }), 'Invalid trader_id: must be the number of a trader'],
  ['an array', () => [order({})], 'Invalid body: must be a JSON object'],
];

for (const [what, body, message] of refusals)
  test(`an order with ${what} is refused: ${message}`, async (t) => {
    const answer = await trader.post('/orders', body());
    t.deepEqual([answer.status, answer.body], [400, { message }]);
  });

for (const [what, body, message] of refusals.filter(([what]) => what !== 'an array'))
  test(`a batch whose second order has ${what} is refused whole`, async (t) => {
    const answer = await trader.post('/orders/batch', [order({}), body()]);
    t.deepEqual([answer.status, answer.body], [400, { message: `Order at index 1: ${message}` }]);
  });

const text = (changes: string): string =>
  `{"product_id":"${product}","side":"buy","price":"1.00","size":"1"${changes}}`;
const rawRefusals: [what: string, text: () => string, status: number, message: RegExp][] = [
  ['no text', () => '', 400, /^Invalid body: a JSON body is required$/],
  ['a cut off text', () => text('').slice(0, -1), 400, /^Malformed JSON: .*position/],
  ['a number', () => '5', 400, /^Malformed JSON: /],
  ['null', () => 'null', 400, /^Malformed JSON: /],
  ['NaN as a number', () => text(',"funds":NaN'), 400, /^Malformed JSON: /],
  ['a prototype', () => text(',"__proto__":{}'), 400, /^Malformed JSON: /],
  ['a key twice', () => text(',"price":"2.00"'), 400, /^Duplicate key "price"$/],
  ['a key twice, once escaped', () => text(',"pr\\u0069ce":"2.00"'), 400, /^Duplicate key "price"$/],
  [
    '1e400 as a number',
    () => text('').replace('"1.00"', '1e400'),
    400,
    /^Invalid price: as a number it is not exact/,
  ],
  [
    '1e2 as a number',
    () => text('').replace('"1.00"', '1e2'),
    400,
    /^Invalid price: as a number it is not exact/,
  ],
  [
    'a number of many digits',
    () => text('').replace('"1.00"', '1.00000000000000000001'),
    400,
    /^Invalid price: as a number/,
  ],
  [
    'deep nesting',
    () => text(`,"x":${'['.repeat(200_000)}${']'.repeat(200_000)}`),
    400,
    /^Nested more than 32/,
  ],
  [
    'more than 1 MiB',
    () => text(`,"x":"${'x'.repeat(1_048_576)}"`),
    413,
    /^Request body too large: at most 1 MiB$/,
  ],
];
for (const [what, body, status, message] of rawRefusals)
  test(`a body with ${what} is refused with ${status}`, async (t) => {
    const answer = await trader.send('POST', '/orders', body());
    t.is(answer.status, status);
    t.regex(answer.body.message, message);
  });

test('a body that is not said to be JSON is refused', async (t) => {
  const answer = await trader.send('POST', '/orders', text(''), { 'content-type': 'text/plain' });
  t.deepEqual(
    [answer.status, answer.body.message],
    [400, 'Invalid body: must be JSON, with Content-Type: application/json'],
  );
  const cancel = await trader.send('DELETE', '/orders', text(''), { 'content-type': 'text/plain' });
  t.is(cancel.status, 400);
});

test('a batch is an array of 1 to 1,000 orders, of 4 MiB at most', async (t) => {
  const one = order({});
  for (const body of [{}, [], new Array(1_001).fill(one)])
    t.is((await trader.post('/orders/batch', body)).status, 400);
  const large = await trader.post('/orders/batch', [{ ...one, x: 'x'.repeat(4 * 1_048_576) }]);
  t.is(large.status, 413);
  const { body } = await trader.send('POST', '/orders/batch', `[${text('')},${text(',"size":"2"')}]`);
  t.is(body.message, 'Order at index 1: Duplicate key "size"');
});

test('numbers, text booleans and unknown keys are fine', async (t) => {
  const answer = await trader.post('/orders', {
    ...order({ price: 1.05, size: 0.005, post_only: 'true', trader_id: '1' }),
    ...{ profile_id: 'default', unknown: { price: [] } },
  });
  t.is(answer.status, 200);
  t.like(answer.body, { price: '1.05', size: '0.005', post_only: true, profile_id: '1', status: 'open' });
});

test('numbers are taken as they are meant, however small', async (t) => {
  const tiny = await exchange.addProduct({
    ...{ quote_increment: '0.0000001', base_increment: '1', max_price: '1', base_max_size: '1000' },
  });
  const send = (price: string) =>
    trader.send('POST', '/orders', `{"product_id":"${tiny}","side":"buy","size":1,"price":${price}}`);
  for (const price of ['0.0000005', '"0.0000005"', '5e-7', '0.5E-06', '5.0e-7']) {
    const { status, body } = await send(price);
    t.deepEqual([status, body.price], [200, '0.0000005'], price);
  }
  t.regex((await send('1e-30')).body.message, /^price too/);
  t.regex((await send('1e30')).body.message, /^Invalid price: as a number it is not exact/);
});

test('null means not given, whatever is optional', async (t) => {
  const nothing = { client_oid: null, stp: null, time_in_force: null, post_only: null, funds: null };
  const other = order({ ...nothing, product_id: 'PIKACHU-USD', trader_id: null, type: null });
  const { status, body } = await trader.post('/orders', other);
  t.deepEqual([status, body.type, body.client_oid], [200, 'limit', undefined]);
});

const badRequests: [method: string, path: () => string, status: number, message: string][] = [
  ['GET', () => '/orders/abc', 400, 'Invalid order id'],
  ['DELETE', () => '/orders/1.5', 400, 'Invalid order id'],
  ['DELETE', () => '/orders/client:', 400, 'Invalid order id'],
  ['GET', () => '/orders/٣', 400, 'Invalid order id'],
  ['GET', () => '/orders/%E0%A4%A', 400, 'Invalid order id'],
  ['GET', () => '/orders/999999999999999999999999', 404, 'NotFound'],
  ['GET', () => '/orders/4398046511104000', 404, 'NotFound'],
  ['GET', () => '/orders/client:nobody', 404, 'NotFound'],
  ['DELETE', () => '/orders/999999999999999999999999', 404, 'order not found'],
  ['DELETE', () => '/orders/client:nobody', 404, 'order not found'],
  ['DELETE', () => '/orders/999999', 404, 'order not found'],
  ['DELETE', () => '/orders?product_id=NO-USD', 400, 'Product not found'],
  ['GET', () => '/orders?product_id=NO-USD', 400, 'Product not found'],
  ['GET', () => '/orders?limit=ten', 400, 'Invalid limit: must be a whole number'],
  ['GET', () => '/orders?limit=-1', 400, 'Invalid limit: must be a whole number'],
  ['GET', () => '/orders?limit=0', 400, 'Invalid limit: must be at least 1'],
  ['GET', () => '/orders?sorting=up', 400, 'Invalid sorting: must be asc or desc'],
  ['GET', () => '/orders?sortedBy=price', 400, 'Invalid sortedBy: must be created_at'],
  ['GET', () => '/orders?start_date=2026-02-30', 400, 'Invalid start_date: must be an ISO 8601 date'],
  ['GET', () => '/orders?end_date=2025-02-29T00:00:00Z', 400, 'Invalid end_date: must be an ISO 8601 date'],
  ['GET', () => '/orders?start_date=2026-00-10', 400, 'Invalid start_date: must be an ISO 8601 date'],
  ['GET', () => '/orders?product_id=', 400, 'Invalid product_id: must not be empty'],
  ['GET', () => `/products/${product}/book?level=constructor`, 400, 'Invalid level: must be 1, 2 or 3'],
  [
    'GET',
    () => '/orders?after=x',
    400,
    'Invalid after: must be a whole number or what CB-BEFORE or CB-AFTER said',
  ],
  ['GET', () => '/orders?start_date=yesterday', 400, 'Invalid start_date: must be an ISO 8601 date'],
  ['GET', () => '/orders?end_date=2026-13-01', 400, 'Invalid end_date: must be an ISO 8601 date'],
  [
    'GET',
    () => '/orders?status=canceled',
    400,
    'Invalid status: must be open, pending, active, done, rejected or all',
  ],
  ['GET', () => '/orders?trader_id=2', 400, 'Invalid trader_id: the token belongs to another trader'],
  ['GET', () => '/fills', 400, 'Invalid query: order_id or product_id is required'],
  ['GET', () => '/fills?order_id=x', 400, 'Invalid order id'],
  ['GET', () => `/products/${product}/book?level=4`, 400, 'Invalid level: must be 1, 2 or 3'],
  ['GET', () => `/products/${product}/trades?before=1.5`, 400, 'Invalid before: must be a whole number'],
];
for (const [method, path, status, message] of badRequests)
  test(`${method} ${path.toString().slice(6)} is answered ${status} ${message}`, async (t) => {
    const answer = await trader.send(method, path());
    t.deepEqual([answer.status, answer.body], [status, { message }]);
  });

test('an amend without price and size, or with bad ones, is refused', async (t) => {
  const { body } = await trader.post('/orders', order({ price: '0.50' }));
  const attempts: [unknown, string][] = [
    [{}, 'Invalid body: needs price, size, stop_price or expire_time'],
    [{ price: '0.51' }, 'price too precise: must be a multiple of 0.05'],
    [{ size: '11' }, 'size is too large: must be at most 10.000'],
    [{ size: [] }, 'Invalid size: must be a decimal, as text or number'],
    [[], 'Invalid body: must be a JSON object'],
  ];
  for (const [change, message] of attempts) {
    const answer = await trader.put(`/orders/${body.id}`, change);
    t.deepEqual([answer.status, answer.body], [400, { message }]);
  }
});

test('nothing that was refused reached the books', async (t) => {
  const accepted = ['1.05 0.005', '0.50 1.000'];
  const { body: open } = await trader.get(`/orders?product_id=${product}&limit=1000`);
  for (const { price, size } of open) t.true(accepted.includes(`${price} ${size}`), `${price} ${size}`);
  const { body } = await exchange.anonymous.get(`/products/${product}/book?level=3`);
  t.true(body.bids.length <= accepted.length);
  t.deepEqual(body.asks, []);
});
