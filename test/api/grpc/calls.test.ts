import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, status } from '@grpc/grpc-js';
import test from 'ava';
import {
  type Access,
  accessOf,
  type Permission,
  permissionsOf,
  type Role,
  roles,
} from '../../../api/auth/permissions.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { collect, createGrpcClient, type GrpcClient } from '../../support/grpc.ts';
import { portOf } from '../../support/processes.ts';
import { type ApiKey, signedHeaders } from '../../support/signed.ts';

let exchange: Exchange;
let port: number;
let trader: GrpcClient;
let operator: GrpcClient;
let nobody: GrpcClient;
test.before(async () => {
  exchange = await startExchange({ env: { GRPC_PORT: '0' } });
  port = await portOf(exchange.processes.api[0]!, 'serving gRPC');
  trader = createGrpcClient(port, await exchange.tokenOf(1));
  operator = createGrpcClient(port, exchange.operatorToken);
  nobody = createGrpcClient(port, null);
});
test.after.always(() => exchange?.stop());

const limit = { side: 'SIDE_BUY', price: '4.50', size: '1' };

test('an order is placed, shown, amended, listed and canceled, as REST shows it', async (t) => {
  const product_id = await exchange.addProduct();
  const placed = await trader.call('placeOrder', { order: { ...limit, product_id, client_oid: 'grpc-1' } });
  t.is(placed.code, status.OK, placed.message);
  const { order } = placed.answer;
  t.like(order, {
    product_id,
    trader_id: '1',
    side: 'SIDE_BUY',
    type: 'ORDER_TYPE_LIMIT',
    price: '4.50',
    size: '1',
  });
  t.like(order, { status: 'ORDER_STATUS_OPEN', time_in_force: 'TIME_IN_FORCE_GTC', client_oid: 'grpc-1' });
  t.truthy(placed.metadata.get('x-request-id')[0]);
  const byRest = await (await exchange.trader(1)).get(`/orders/${order.id}`);
  t.is(Date.parse(byRest.body.created_at), order.created_at.seconds * 1_000 + order.created_at.nanos / 1e6);

  const repeated = await trader.call('placeOrder', { order: { ...limit, product_id, client_oid: 'grpc-1' } });
  t.is(repeated.answer.order.id, order.id);
  t.is((await trader.call('getOrder', { id: 'client:grpc-1' })).answer.order.id, order.id);
  const amended = await trader.call('amendOrder', { id: order.id, price: '4.40', size: '2' });
  t.like(amended.answer.order, { price: '4.40', size: '2' });
  const book = await nobody.call('getBook', { product_id });
  t.deepEqual(book.answer.bids, [{ price: '4.40', size: '2', orders: 1 }]);
  const listed = await trader.call('listOrders', { product_id });
  t.deepEqual(
    listed.answer.orders.map(({ id }: { id: string }) => id),
    [order.id],
  );
  t.deepEqual(listed.answer.cursors, {
    before: Number(order.id),
    after: Number(order.id),
    covers_from: [],
    shards_away: [],
    before_text: order.id,
    after_text: order.id,
  });
  t.deepEqual((await trader.call('cancelOrder', { id: order.id })).answer, { id: order.id });
  t.is((await trader.call('getOrder', { id: order.id })).answer.order.done_reason, 'DONE_REASON_CANCELED');
});

test('a batch, its trades and fills, and what is open is canceled at once', async (t) => {
  const product_id = await exchange.addProduct();
  const orders = [
    { ...limit, product_id, trader_id: '11', size: '3' },
    { ...limit, product_id, trader_id: '12', side: 'SIDE_SELL' },
    { ...limit, product_id, trader_id: '12', side: 'SIDE_SELL', type: 'ORDER_TYPE_MARKET', price: '' },
  ];
  const { answer } = await operator.call('placeOrders', { orders });
  t.deepEqual(
    answer.results.map((each: { order: { status: string } }) => each.order.status),
    [...['ORDER_STATUS_OPEN', 'ORDER_STATUS_DONE', 'ORDER_STATUS_DONE']],
  );
  const trades = await nobody.call('listTrades', { product_id, limit: 1 });
  t.like(trades.answer, { trades: [{ trade_id: 2, side: 'SIDE_BUY', price: '4.50', size: '1' }], before: 2 });
  t.deepEqual((await nobody.call('listTrades', { product_id, after: 2 })).answer.trades.length, 1);
  t.like((await nobody.call('getTicker', { product_id })).answer, {
    trade_id: 2,
    bid: '4.50',
    ask: '',
    volume: '2',
  });
  const fills = await operator.call('listFills', { product_id, trader_id: '11' });
  t.deepEqual(
    fills.answer.fills.map((fill: { liquidity: string }) => fill.liquidity),
    [...['LIQUIDITY_MAKER', 'LIQUIDITY_MAKER']],
  );
  const open = await operator.call('cancelOrders', { product_id, trader_id: '11' });
  t.deepEqual(open.answer.ids, [answer.results[0].order.id]);
  const accepted = await operator.call('placeOrders', { orders, respond_async: true });
  t.like(accepted.answer, { results: [], acceptance: { count: 3 } });
});

test('all orders of a batch are placed or none, by a call and by a stream', async (t) => {
  const product_id = await exchange.addProduct();
  const order = { ...limit, product_id, trader_id: '14' };
  const orders = [order, { ...order, side: 'SIDE_SELL', post_only: true }];
  const outcomes = (results: { order?: { status: string }; message: string }[]) =>
    results.map(({ order, message }) => order?.status ?? message.slice(0, 10));
  const called = await operator.call('placeOrders', { orders, all_or_none: true });
  t.deepEqual(outcomes(called.answer.results), ['Not placed', 'ORDER_STATUS_REJECTED']);
  const stream = operator.duplex('streamOrders');
  const { messages, ended } = collect(stream);
  stream.write({ batch_id: 1, orders, all_or_none: true });
  stream.write({
    batch_id: 2,
    orders: [order, { ...order, time_in_force: 'TIME_IN_FORCE_FOK' }],
    all_or_none: true,
  });
  stream.end();
  await ended;
  const [decided, malformed] = messages;
  t.deepEqual(outcomes(decided.verdicts.results), ['Not placed', 'ORDER_STATUS_REJECTED']);
  t.regex(malformed.refusal.message, /Invalid all_or_none: a FOK order/);
  t.deepEqual((await operator.call('listOrders', { product_id, trader_id: '14' })).answer.orders, []);
});

test('stop orders, icebergs and orders that expire are placed and shown', async (t) => {
  const product_id = await exchange.addProduct();
  const stop = { ...limit, product_id, side: 'SIDE_SELL', stop: 'STOP_LOSS', stop_price: '4.60' };
  const waiting = await trader.call('placeOrder', { order: stop });
  t.like(waiting.answer?.order, { status: 'ORDER_STATUS_ACTIVE', stop: 'STOP_LOSS', stop_price: '4.60' });
  const seconds = Math.floor(Date.now() / 1_000) + 3_600;
  const order = {
    ...limit,
    product_id,
    time_in_force: 'TIME_IN_FORCE_GTT',
    expire_time: { seconds, nanos: 0 },
  };
  const expiring = await trader.call('placeOrder', { order });
  t.like(expiring.answer?.order, { time_in_force: 'TIME_IN_FORCE_GTT', expire_time: { seconds, nanos: 0 } });
  const iceberg = { ...limit, product_id, price: '4.00', size: '9', max_floor: '2' };
  t.like((await trader.call('placeOrder', { order: iceberg })).answer?.order, { size: '9', max_floor: '2' });
  t.is(expiring.answer?.order.max_floor, '');
});

test('accounts and products are those of REST', async (t) => {
  await exchange.deposit(5, 'USD', '12.5');
  const { answer } = await operator.call('listAccounts', { trader_id: '5' });
  t.like(
    answer.accounts.find(({ currency }: { currency: string }) => currency === 'USD'),
    {
      ...{ id: '5-USD', balance: '12.50', available: '12.50', hold: '0.00', trader_id: '5' },
    },
  );
  const products = (await exchange.anonymous.get('/products')).body;
  const listed = (await nobody.call('listProducts')).answer.products;
  t.true(listed.length >= 5);
  const pikachu = products.find(({ id }: { id: string }) => id === 'PIKACHU-USD');
  t.like((await nobody.call('getProduct', { product_id: 'PIKACHU-USD' })).answer.product, {
    ...{ min_price: pikachu.min_price, quote_increment: pikachu.quote_increment, funded: false },
  });
});

const refusals: [string, string, object, number, string][] = [
  ['no order', 'placeOrder', {}, status.INVALID_ARGUMENT, 'Invalid product_id: required'],
  [
    'no side',
    'placeOrder',
    { order: { product_id: 'PIKACHU-USD', price: '5', size: '1' } },
    status.INVALID_ARGUMENT,
    'Invalid side: required',
  ],
  [
    'a side that is none',
    'placeOrder',
    { order: { ...limit, product_id: 'PIKACHU-USD', side: 7 } },
    status.INVALID_ARGUMENT,
    'Invalid side: must be buy or sell',
  ],
  [
    'a price that is none',
    'placeOrder',
    { order: { ...limit, product_id: 'PIKACHU-USD', price: '1e2' } },
    status.INVALID_ARGUMENT,
    'Invalid price: must be a plain decimal number',
  ],
  [
    'a second element',
    'placeOrders',
    { orders: [{ ...limit, product_id: 'PIKACHU-USD' }, {}] },
    status.INVALID_ARGUMENT,
    'Order at index 1: Invalid side: required',
  ],
  ['an empty batch', 'placeOrders', {}, status.INVALID_ARGUMENT, 'Invalid body: must have 1 to 1000 orders'],
  [
    "another's order",
    'placeOrder',
    { order: { ...limit, product_id: 'PIKACHU-USD', trader_id: '2' } },
    status.INVALID_ARGUMENT,
    'Invalid trader_id: the token belongs to another trader',
  ],
  ['an order that is not there', 'getOrder', { id: '999999999' }, status.NOT_FOUND, 'NotFound'],
  [
    'an order to cancel that is not there',
    'cancelOrder',
    { id: '999999999' },
    status.NOT_FOUND,
    'order not found',
  ],
  ['an id that is none', 'getOrder', { id: 'x' }, status.INVALID_ARGUMENT, 'Invalid order id'],
  ['a product that is not there', 'getBook', { product_id: 'X-USD' }, status.NOT_FOUND, 'NotFound'],
  [
    'fills of nothing',
    'listFills',
    {},
    status.INVALID_ARGUMENT,
    'Invalid query: order_id or product_id is required',
  ],
  [
    'a status that is none',
    'listOrders',
    { statuses: [9] },
    status.INVALID_ARGUMENT,
    'Invalid status: must be open, pending, active, done, rejected or all',
  ],
  [
    'a book that is too deep',
    'getBook',
    { product_id: 'PIKACHU-USD', depth: 1_001 },
    status.INVALID_ARGUMENT,
    'Invalid depth: must be at most 1000',
  ],
  [
    'a message that is too large',
    'placeOrders',
    { orders: [{ client_oid: 'x'.repeat(300_000) }] },
    status.RESOURCE_EXHAUSTED,
    'Received message larger than max (300008 vs 262144)',
  ],
];
test('a message that says what there is not is refused as such, on a call and on a stream', async (t) => {
  const late = { ...limit, product_id: 'PIKACHU-USD', expire_time: { seconds: 1e15, nanos: 0 } };
  const refused = [status.INVALID_ARGUMENT, 'Malformed message: Invalid time value'];
  const { code, message } = await trader.call('placeOrder', { order: late });
  t.deepEqual([code, message], refused);
  const stream = operator.duplex('streamOrders');
  const { messages, ended } = collect(stream);
  stream.write({ batch_id: 1, orders: [{ ...limit, product_id: 'PIKACHU-USD', trader_id: '1' }] });
  stream.write({ batch_id: 2, orders: [late] });
  const end = await ended;
  t.deepEqual([end.code, end.message], refused);
  t.deepEqual(
    messages.map(({ batch_id }) => batch_id),
    [1],
    'what came before it is answered',
  );
});

for (const [what, method, message, code, words] of refusals)
  test(`${what} is refused by ${method} in the words of REST`, async (t) => {
    const ended = await trader.call(method, message);
    t.deepEqual([ended.code, ended.message], [code, words]);
  });

test('what is shown must be somebody’s, by token or by signature of the path', async (t) => {
  const path = '/cardstock.v1.Exchange/ListOrders';
  const { body: key } = await exchange.operator.post('/api-keys', { trader_id: 3, permissions: ['view'] });
  const signed = (target: string, slip = {}) =>
    signedHeaders(key as ApiKey, { method: 'POST', target, body: '' }, slip);
  const asNobody = await nobody.call('listOrders');
  t.is(asNobody.code, status.UNAUTHENTICATED);
  t.is((await createGrpcClient(port, 'wrong').call('listOrders')).message, 'Invalid token');
  t.is((await nobody.call('listOrders', {}, signed(path))).code, status.OK);
  const wrong = await nobody.call('listOrders', {}, signed('/cardstock.v1.Exchange/GetOrder'));
  t.deepEqual([wrong.code, wrong.message], [status.UNAUTHENTICATED, 'invalid signature']);
  const late = await nobody.call('listOrders', {}, signed(path, { timestamp: '1700000000' }));
  t.is(late.message, 'request timestamp expired');
  const mayNot = await nobody.call('cancelOrders', {}, signed('/cardstock.v1.Exchange/CancelOrders'));
  t.deepEqual(
    [mayNot.code, mayNot.message],
    [status.PERMISSION_DENIED, 'The API key has no permission to trade'],
  );
});

/** What the proto file says beside each method: the route whose it is. */
const methods = [
  ...readFileSync(new URL('../../../proto/cardstock/v1/exchange.proto', import.meta.url), 'utf8').matchAll(
    /\/\/.*?(GET|POST|PUT|DELETE) ([\w/{}-]+)[^\n]*\n {2}rpc (\w+)\((stream )?/g,
  ),
].map(([, verb, path, name, isStream]) => ({
  name: name!,
  route: `${verb} ${path!.replace('{id}', ':id')}` as keyof typeof accessOf,
  isStream: isStream !== undefined,
}));

test('every method is for those for whom its route is', async (t) => {
  t.is(methods.length, 15, 'all but the stream of market data, which is for everybody');
  const keys = new Map<string, ApiKey>();
  for (const role of roles)
    for (const permissions of [...permissionsOf[role]].map((one) => [one])) {
      const whose = role === 'trader' ? { trader_id: 1 } : { role };
      const { body } = await exchange.operator.post('/api-keys', { ...whose, permissions });
      keys.set(`${role} ${permissions}`, body);
    }
  for (const { name, route, isStream } of methods) {
    const access: Access = accessOf[route];
    const target = `/cardstock.v1.Exchange/${name}`;
    const method = name[0]!.toLowerCase() + name.slice(1);
    const codeWith = async (headers: Record<string, string>): Promise<number> => {
      if (!isStream) return (await nobody.call(method, { id: '9' }, headers)).code;
      const stream = nobody.duplex(method, headers);
      stream.end();
      return (await collect(stream).ended).code;
    };
    t.is((await codeWith({})) === status.UNAUTHENTICATED, access !== 'everybody', `${name} by nobody`);
    if (access === 'everybody') continue;
    for (const [who, key] of keys) {
      const [role, permission] = who.split(' ') as [Role, Permission];
      const may = access.roles.includes(role) && access.permission === permission;
      const code = await codeWith(signedHeaders(key, { method: 'POST', target, body: '' }));
      t.is(code === status.PERMISSION_DENIED, !may, `${name} by ${who}: ${code}`);
    }
  }
});

test('calls are counted as requests are, and a batch by its orders', async (t) => {
  const rates = { RATE_LIMITS: 'on', PUBLIC_RATE: '2/2', PRIVATE_RATE: '100/100', ORDERS_RATE: '5/5' };
  const api = await exchange.start('api', { GRPC_PORT: '0', ...rates });
  const limited = await portOf(api, 'serving gRPC');
  const someone = createGrpcClient(limited, await exchange.tokenOf(21));
  const order = { ...limit, product_id: 'PIKACHU-USD' };
  t.is((await someone.call('placeOrders', { orders: Array(5).fill(order) })).code, status.OK);
  const refused = await someone.call('placeOrders', { orders: Array(5).fill(order) });
  t.deepEqual([refused.code, refused.message], [status.RESOURCE_EXHAUSTED, 'Private rate limit exceeded']);
  t.is(refused.metadata.get('retry-after')[0], '1');
  const codes = [];
  for (let i = 0; i < 5; i++) codes.push((await someone.call('listProducts')).code);
  t.true(codes.includes(status.RESOURCE_EXHAUSTED));
  const stream = someone.duplex('streamOrders');
  const { messages, ended } = collect(stream);
  stream.write({ batch_id: 7, orders: Array(6).fill(order) });
  stream.end();
  t.is((await ended).code, status.OK);
  t.like(messages[0], { batch_id: 7, refusal: { code: status.RESOURCE_EXHAUSTED, retry_after_seconds: 1 } });
});

test('reflection tells a client that has no file which services, methods and messages there are', async (t) => {
  const stream = createGrpcClient(port, null, { service: 'reflection' }).duplex('serverReflectionInfo');
  const { messages, ended } = collect(stream);
  stream.write({ list_services: '' });
  stream.write({ file_containing_symbol: 'cardstock.v1.Exchange.PlaceOrder' });
  stream.write({ file_containing_symbol: 'cardstock.v1.Nothing' });
  stream.end();
  t.is((await ended).code, status.OK);
  const [listed, found, missing] = messages;
  t.deepEqual(listed.list_services_response.service.map(({ name }: { name: string }) => name).sort(), [
    'cardstock.v1.Exchange',
    'grpc.health.v1.Health',
  ]);
  const files = found.file_descriptor_response.file_descriptor_proto.map((bytes: Buffer) => String(bytes));
  for (const name of ['PlaceOrder', 'StreamOrders', 'NewOrder', 'self_trade_prevention', 'MarketDataKind'])
    t.true(
      files.some((file: string) => file.includes(name)),
      name,
    );
  t.is(missing.error_response.error_code, status.NOT_FOUND);
});

test('health says whether the exchange is ready', async (t) => {
  const health = createGrpcClient(port, null, { service: 'health' });
  t.is((await health.call('check')).answer.status, 'SERVING');
  t.is((await health.call('check', { service: 'cardstock.v1.Exchange' })).answer.status, 'SERVING');
  t.is((await health.call('check', { service: 'x' })).code, status.NOT_FOUND);
  const watching = health.read('watch', {});
  const { messages, ended } = collect(watching);
  await new Promise((resolve) => watching.once('data', resolve));
  t.deepEqual(messages, [{ status: 'SERVING' }]);
  watching.cancel();
  t.is((await ended).code, status.CANCELLED);
});

test('with a certificate and its key the port speaks TLS and nothing else', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'grpc-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ],
    { stdio: 'ignore' },
  );
  const api = await exchange.start('api', { GRPC_PORT: '0', GRPC_TLS_CERT: cert, GRPC_TLS_KEY: key });
  const secure = await portOf(api, 'serving gRPC');
  const by = credentials.createSsl(readFileSync(cert));
  t.is((await createGrpcClient(secure, null, { by }).call('listProducts')).code, status.OK);
  t.is((await createGrpcClient(secure, null).call('listProducts')).code, status.UNAVAILABLE);
});
