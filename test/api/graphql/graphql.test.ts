import { readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import {
  type Access,
  accessOf,
  type Permission,
  permissionsOf,
  type Role,
  type RouteName,
  roles,
} from '../../../api/auth/permissions.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { ask, openGraphqlSocket, subscribe } from '../../support/graphql.ts';
import { scrape } from '../../support/metrics.ts';
import { portOf, stopProcess } from '../../support/processes.ts';
import { type ApiKey, signedHeaders } from '../../support/signed.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
let token: string;
test.before(async () => {
  exchange = await startExchange();
  token = await exchange.tokenOf(1);
});
test.after.always(() => exchange?.stop());

const asTrader = (query: string, variables = {}) => ask(exchange.baseUrl, token, query, { variables });
const asOperator = (query: string, variables = {}) =>
  ask(exchange.baseUrl, exchange.operatorToken, query, { variables });
const asNobody = (query: string, variables = {}) => ask(exchange.baseUrl, null, query, { variables });

const place = `mutation ($order: NewOrder!) {
  placeOrder(order: $order) { id status side type price size clientOid product { id } fills { price trade { id side } } }
}`;

test('docs/schema.graphql is the schema that is served', async (t) => {
  const served = await (await fetch(`${exchange.baseUrl}/graphql/schema.graphql`)).text();
  const file = new URL('../../../docs/schema.graphql', import.meta.url);
  if (process.env.UPDATE_DOCS) writeFileSync(file, served);
  t.is(readFileSync(file, 'utf8'), served, 'npm run graphql renews it');
});

test('an order is placed, read, amended and canceled, as REST has it', async (t) => {
  const productId = await exchange.addProduct();
  const order = { productId, side: 'BUY', price: '4.50', size: '2', clientOid: 'gql-1' };
  const placed = await asTrader(place, { order });
  t.is(placed.errors, undefined);
  const { id } = placed.data.placeOrder;
  t.like(placed.data.placeOrder, {
    status: 'OPEN',
    side: 'BUY',
    price: '4.50',
    clientOid: 'gql-1',
    fills: [],
  });
  t.is((await (await exchange.trader(1)).get(`/orders/${id}`)).body.price, '4.50');
  t.is((await asTrader(place, { order })).data.placeOrder.id, id, 'a repeat');
  const amend = 'mutation ($id: ID!) { amendOrder(id: $id, price: "4.40") { price size } }';
  t.deepEqual((await asTrader(amend, { id })).data.amendOrder, { price: '4.40', size: '2' });
  const book = 'query ($id: ID!) { product(id: $id) { book { bids { price size orders } asks { price } } } }';
  t.deepEqual((await asNobody(book, { id: productId })).data.product.book, {
    bids: [{ price: '4.40', size: '2', orders: 1 }],
    asks: [],
  });
  const one = 'query ($id: ID!) { viewer { order(id: $id) { id status } } }';
  t.is((await asTrader(one, { id: 'client:gql-1' })).data.viewer.order.id, id);
  t.is((await asTrader('mutation ($id: ID!) { cancelOrder(id: $id) }', { id })).data.cancelOrder, id);
  const again = await asTrader('mutation ($id: ID!) { cancelOrder(id: $id) }', { id });
  t.like(again.errors![0], {
    message: 'Order already done',
    extensions: { code: 'BAD_REQUEST', status: 400 },
  });
});

test('an iceberg says what it shows', async (t) => {
  const order = {
    productId: await exchange.addProduct(),
    side: 'BUY',
    price: '4.50',
    size: '9',
    maxFloor: '2',
  };
  const query = 'mutation ($order: NewOrder!) { placeOrder(order: $order) { size maxFloor } }';
  t.deepEqual((await asTrader(query, { order })).data.placeOrder, { size: '9', maxFloor: '2' });
});

test('all orders of a batch are placed or none', async (t) => {
  const productId = await exchange.addProduct();
  const order = { productId, traderId: '32', side: 'BUY', price: '2', size: '1' };
  const orders = [order, { ...order, side: 'SELL', postOnly: true }];
  const batch =
    'mutation ($orders: [NewOrder!]!) { placeOrders(orders: $orders, allOrNone: true) { order { status } message } }';
  const { data } = await asOperator(batch, { orders });
  t.deepEqual(data.placeOrders, [
    { order: null, message: 'Not placed: another order of the all-or-none batch was refused' },
    { order: { status: 'REJECTED' }, message: null },
  ]);
});

test('lists are connections that lead through all rows, both ways', async (t) => {
  const productId = await exchange.addProduct();
  const orders = Array.from({ length: 7 }, (_, i) => ({
    ...{ productId, traderId: '31', side: 'BUY', price: `${i + 1}`, size: '1' },
  }));
  const batch = 'mutation ($orders: [NewOrder!]!) { placeOrders(orders: $orders) { order { id } message } }';
  const { data } = await asOperator(batch, { orders });
  const ids = data.placeOrders.map((one: { order: { id: string } }) => one.order.id).toReversed();
  const list = `query ($productId: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    viewer(traderId: 31) { orders(productId: $productId, first: $first, after: $after, last: $last, before: $before) {
      nodes { id } pageInfo { endCursor startCursor hasNextPage hasPreviousPage } } } }`;
  const page = async (args: object) =>
    (await asOperator(list, { productId, ...args })).data.viewer.orders as {
      nodes: { id: string }[];
      pageInfo: Record<string, unknown>;
    };
  const seen: string[] = [];
  let after: unknown = null;
  for (let more = true; more; ) {
    const { nodes, pageInfo } = await page({ first: 3, after });
    seen.push(...nodes.map(({ id }) => id));
    ({ endCursor: after, hasNextPage: more } = pageInfo as { endCursor: string; hasNextPage: boolean });
  }
  t.deepEqual(seen, ids);
  const back = await page({ last: 3, before: ids[5] });
  t.deepEqual(
    back.nodes.map(({ id }) => id),
    ids.slice(2, 5),
  );
  t.like(back.pageInfo, { hasPreviousPage: true, hasNextPage: true });
  t.like((await asOperator(list, { productId, first: 101 })).errors![0], {
    message: 'Invalid first: must be 1 to 100',
  });
});

/** Counts the questions to PostgreSQL about these tables that go through it. */
async function countingProxy(t: ExecutionContext, databaseUrl: string, about: RegExp) {
  const target = new URL(databaseUrl);
  const counted = { questions: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const host = decodeURIComponent(target.hostname);
    const port = Number(target.port || 5432);
    const upstream = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    sockets.add(client).add(upstream);
    client.on('data', (bytes) => {
      counted.questions += [...bytes.toString('latin1').matchAll(about)].length;
    });
    client.pipe(upstream).pipe(client);
    for (const one of [client, upstream]) one.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as { port: number }).port);
  return { url: String(url), counted };
}

test('a page of orders with products, fills and trades is two questions to PostgreSQL', async (t) => {
  const { url, counted } = await countingProxy(
    t,
    exchange.databaseUrl,
    /from (?:orders\w*|trades|products)\b/g,
  );
  const api = await exchange.start('api', { DATABASE_URL: url });
  const baseUrl = `http://127.0.0.1:${await portOf(api)}`;
  const productId = await exchange.addProduct();
  const orders = Array.from({ length: 40 }, (_, i) => ({
    ...{ productId, traderId: i < 20 ? '41' : '42', side: i < 20 ? 'BUY' : 'SELL', price: '5', size: '1' },
  }));
  await asOperator('mutation ($orders: [NewOrder!]!) { placeOrders(orders: $orders) { message } }', {
    orders,
  });
  const query = `query ($productId: ID!) { viewer(traderId: 41) { orders(first: 20, status: [DONE], productId: $productId) {
    nodes { id product { id ticker { price } } fills { price liquidity trade { id side } } } } } }`;
  await until(async () => {
    // Nothing but errors, until this api has heard of the product.
    const { data } = await ask(baseUrl, exchange.operatorToken, query, { variables: { productId } });
    return data?.viewer.orders.nodes.length === 20;
  });
  counted.questions = 0;
  const { data, errors } = await ask(baseUrl, exchange.operatorToken, query, { variables: { productId } });
  t.is(errors, undefined);
  const { nodes } = data.viewer.orders;
  t.is(nodes.length, 20);
  for (const { product, fills } of nodes) {
    t.is(product.id, productId);
    t.like(fills, [{ price: '5.00', liquidity: 'MAKER', trade: { side: 'BUY' } }]);
  }
  t.is(
    new Set(nodes.map((node: { fills: { trade: { id: number } }[] }) => node.fills[0]!.trade.id)).size,
    20,
  );
  // Of orders one, of fills one with two branches.
  t.true(counted.questions <= 3, `${counted.questions} tables were read`);
});

test('what is too deep, too broad, too dear or too long is refused before it is run', async (t) => {
  const aliases = Array.from({ length: 250 }, (_, i) => `a${i}: viewer { role }`).join(' ');
  t.regex((await asNobody(`{ ${aliases} }`)).errors![0].message, /breadth of \d+, and may have 200/);
  const dear = '{ products(first: 100) { nodes { trades(first: 100) { nodes { id price } } } } }';
  t.regex((await asNobody(dear)).errors![0].message, /complexity of \d+, and may have 2000/);
  const deep = `{ viewer { orders { edges { node { product { trades { edges { node { ${'id '} } } } } } } } } }`;
  t.is((await asTrader(deep)).errors, undefined);
  const deeper = `{ viewer { orders(first: 1) { edges { node { fills { product { trades(first: 1) { edges { node { id } } } } trade { id } } } } } } }`;
  t.is((await asTrader(deeper)).errors, undefined);
  const long = `{ ${'__typename '.repeat(2_100)} }`;
  t.regex((await asNobody(long)).errors![0].message, /more that 2000 tokens|more than 2000 tokens/);
  const large = await fetch(`${exchange.baseUrl}/graphql`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(70_000) } }),
  });
  t.is(large.status, 413);
  t.is((await asNobody('{ nothing }')).errors!.length, 1);
});

/** A field, and the route for which it stands. */
const fields: [RouteName, string][] = [
  ['GET /users/self/verify', '{ viewer { role } }'],
  ['GET /orders', '{ viewer(traderId: 1) { orders { nodes { id } } } }'],
  ['GET /orders/:id', '{ viewer(traderId: 1) { order(id: "999999999") { id } } }'],
  ['GET /fills', '{ viewer(traderId: 1) { fills(productId: "PIKACHU-USD") { nodes { price } } } }'],
  ['GET /accounts', '{ viewer(traderId: 1) { accounts { balance } } }'],
  ['GET /accounts/:id/ledger', '{ viewer(traderId: 1) { accounts { ledger { nodes { id } } } } }'],
  ['POST /orders', 'mutation { placeOrder(order: {productId: "X-USD", side: BUY}) { id } }'],
  ['POST /orders/batch', 'mutation { placeOrders(orders: []) { message } }'],
  ['PUT /orders/:id', 'mutation { amendOrder(id: "999999999", price: "1") { id } }'],
  ['DELETE /orders/:id', 'mutation { cancelOrder(id: "999999999") }'],
  ['DELETE /orders', 'mutation { cancelOrders(productId: "PIKACHU-USD", traderId: 1) }'],
];

test('a time or a price that is no text is told to whoever sent it, wherever it stands', async (t) => {
  const candles = 'query($at: DateTime) { product(id: "PIKACHU-USD") { candles(start: $at) { time } } }';
  for (const at of [[[]], {}, 5, true]) {
    const { data, errors } = await ask(exchange.baseUrl, null, candles, { variables: { at } });
    t.falsy(data);
    t.regex(errors![0].message, /a time must be a text, such as "2026-01-31T12:00:00Z"/);
    t.not(errors![0].extensions?.code, 'INTERNAL_SERVER_ERROR');
  }
  const amend = 'mutation($price: Decimal) { amendOrder(id: "1", price: $price) { id } }';
  const { errors } = await ask(exchange.baseUrl, null, amend, { variables: { price: [1] } });
  t.regex(errors![0].message, /a decimal must be a text/);
});

test('a trader that an operator names by what is no number is told to the operator', async (t) => {
  for (const traderId of [':', '0', '1.5', '99999999999']) {
    const query = 'query($traderId: ID) { viewer(traderId: $traderId) { order(id: "client:x") { id } } }';
    const { errors } = await ask(exchange.baseUrl, exchange.operatorToken, query, {
      variables: { traderId },
    });
    t.regex(errors![0].message, /^Invalid trader_id: /);
    t.is(errors![0].extensions.code, 'BAD_REQUEST');
  }
});

test('every private field is for those for whom its route is', async (t) => {
  const keys = new Map<string, ApiKey>();
  for (const role of roles)
    for (const permission of permissionsOf[role]) {
      const whose = role === 'trader' ? { trader_id: 1 } : { role };
      const { body } = await exchange.operator.post('/api-keys', { ...whose, permissions: [permission] });
      keys.set(`${role} ${permission}`, body);
    }
  for (const [route, query] of fields) {
    const access = accessOf[route] as Exclude<Access, 'everybody'>;
    const body = JSON.stringify({ query, variables: {} });
    const statusWith = async (headers: Record<string, string>): Promise<unknown> => {
      const { errors } = await ask(exchange.baseUrl, null, query, { headers });
      return errors?.[0].extensions?.status;
    };
    t.is(await statusWith({}), 401, `${route} by nobody`);
    for (const [who, key] of keys) {
      const [role, permission] = who.split(' ') as [Role, Permission];
      const status = await statusWith(signedHeaders(key, { method: 'POST', target: '/graphql', body }));
      // Whoever may not view has no viewer to begin with.
      const may = access.roles.includes(role) && access.permission === permission;
      if (may) t.false([401, 403, 500].includes(status as number), `${route} by ${who}: ${status}`);
      else t.true([401, 403].includes(status as number), `${route} by ${who}: ${status}`);
    }
  }
});

test('book, trades and own orders are told over a socket, and by events of the server', async (t) => {
  const productId = await exchange.addProduct();
  const id = JSON.stringify(productId);
  const book = subscribe(
    exchange.baseUrl,
    null,
    `subscription { book(productId: ${id}) { sequence bids { price size } } }`,
  );
  const trades = subscribe(
    exchange.baseUrl,
    null,
    `subscription { trades(productId: ${id}) { id price side } }`,
  );
  const own = subscribe(
    exchange.baseUrl,
    await exchange.tokenOf(77),
    'subscription { orders { type orderId productId clientOid } }',
  );
  const stopping = new AbortController();
  t.teardown(() => {
    stopping.abort();
    for (const one of [book, trades, own]) void one.close();
  });
  const events = await fetch(`${exchange.baseUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: `subscription { trades(productId: ${id}) { id price } }` }),
    signal: stopping.signal,
  });
  t.is(events.headers.get('content-type'), 'text/event-stream');
  let text = '';
  const reading = (async () => {
    for await (const part of events.body!.pipeThrough(new TextDecoderStream())) text += part;
  })();
  reading.catch(() => {});
  await until(() => book.told.length === 1);
  const trader = await exchange.trader(77);
  await until(async () => {
    await trader.post('/orders', { product_id: productId, side: 'buy', price: '3', size: '1' });
    return own.told.length > 0;
  });
  const other = await exchange.trader(78);
  await until(async () => {
    await other.post('/orders', { product_id: productId, side: 'sell', price: '3', size: '1' });
    await trader.post('/orders', { product_id: productId, side: 'buy', price: '3', size: '1' });
    return trades.told.length > 0 && text.includes('"price":"3.00"');
  });
  t.like(trades.told[0], { data: { trades: { price: '3.00' } } });
  t.true(own.told.every(({ data }) => data.orders.productId === productId));
  t.true(book.told.length > 1);
  const refused = subscribe(exchange.baseUrl, null, 'subscription { orders { type } }');
  t.regex(
    JSON.stringify([await refused.ended, refused.told]),
    /A bearer token, a signature or a session is required/,
  );
});

test('a trader is told of its own stop orders that wait', async (t) => {
  const product_id = await exchange.addProduct();
  const query = 'subscription { orders { type orderId stopPrice reason } }';
  const own = subscribe(exchange.baseUrl, await exchange.tokenOf(79), query);
  t.teardown(() => void own.close());
  const trader = await exchange.trader(79);
  const stop = { product_id, side: 'sell', price: '1', stop: 'loss', stop_price: '2', size: '1' };
  await until(async () => {
    const { body } = await trader.post('/orders', stop);
    await trader.delete(`/orders/${(body as { id: string }).id}`);
    return own.told.some(({ data }) => data.orders.type === 'activate');
  });
  const events = () => own.told.map(({ data }) => data.orders);
  const first = events().find(({ type }) => type === 'activate');
  const ofFirst = () => events().filter(({ orderId }) => orderId === first.orderId);
  await until(() => ofFirst().length === 2);
  t.like(ofFirst()[0], { type: 'activate', stopPrice: '2.00' });
  t.like(ofFirst()[1], { type: 'done', reason: 'canceled' });
});

test('an address has as many streams of events as it may have sockets', async (t) => {
  const api = await exchange.start('api', { RATE_LIMITS: 'on', FEED_SOCKETS: '2' });
  const url = `http://127.0.0.1:${await portOf(api)}/graphql`;
  const open = async () => {
    const leaving = new AbortController();
    t.teardown(() => leaving.abort());
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { trades(productId: "PIKACHU-USD") { id } }' }),
      signal: leaving.signal,
    });
    return { status: answer.status, text: () => answer.text(), leave: () => leaving.abort() };
  };
  const streams = [await open(), await open()];
  t.deepEqual(
    streams.map(({ status }) => status),
    [200, 200],
  );
  const refused = await open();
  t.is(refused.status, 429);
  t.is(await refused.text(), '{"message":"Public rate limit exceeded"}');
  streams[0]!.leave();
  await until(async () => (await open()).status === 200);
});

test('operations beyond those that one socket may have under way are refused, and counted', async (t) => {
  const client = openGraphqlSocket(exchange.baseUrl, null);
  t.teardown(() => client.dispose());
  const refusals: unknown[] = [];
  const sink = { next: () => {}, complete: () => {}, error: (error: unknown) => refusals.push(error) };
  for (let i = 0; i < 52; i++)
    client.subscribe({ query: 'subscription { trades(productId: "PIKACHU-USD") { id } }' }, sink);
  await until(() => refusals.length === 2);
  const message = 'At most 50 operations of a socket are under way';
  for (const refusal of refusals)
    t.like(refusal, [{ message, extensions: { code: 'TOO_MANY_REQUESTS', status: 429 } }]);
  const { value } = await scrape(exchange.baseUrl);
  const labels = { method: 'WS', route: '/graphql', status: '429' };
  t.is(value('cardstock_http_request_duration_seconds_count', labels), 2);
});

test('operations that failed are under way no more', async (t) => {
  const client = openGraphqlSocket(exchange.baseUrl, null);
  t.teardown(() => client.dispose());
  const messages: string[] = [];
  const error = (errors: unknown) => messages.push((errors as Error[])[0]!.message);
  for (let i = 0; i < 52; i++) {
    client.subscribe({ query: '{ nothing }' }, { next: () => {}, complete: () => {}, error });
    await until(() => messages.length === i + 1);
  }
  t.deepEqual([...new Set(messages)], ['Cannot query field "nothing" on type "Query".']);
});

test('clients that are gone before their stream of events begins end nothing but that', async (t) => {
  const { hostname, port } = new URL(exchange.baseUrl);
  const body = JSON.stringify({ query: 'subscription { trades(productId: "PIKACHU-USD") { id } }' });
  for (let i = 0; i < 30; i++) {
    const raw = connect(Number(port), hostname);
    raw.on('error', () => {});
    raw.write(
      `POST /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    await new Promise((resolve) => setTimeout(resolve, i % 6));
    raw.resetAndDestroy();
  }
  t.is((await asNobody('{ __typename }')).status, 200);
  t.is(exchange.processes.api[0]!.child.exitCode, null);
});

test('the page to try it is as strict as that of the documents, and works without anything from elsewhere', async (t) => {
  const page = await fetch(`${exchange.baseUrl}/graphql`);
  const docs = await fetch(`${exchange.baseUrl}/docs`);
  t.is(page.headers.get('content-security-policy'), docs.headers.get('content-security-policy'));
  const html = await page.text();
  for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
    const file = await fetch(exchange.baseUrl + path!);
    t.is(file.status, 200, path);
    await file.text();
  }
  t.notRegex(html, /<script>|\sstyle=|\son\w+=|https?:/);
  t.is((await fetch(`${exchange.baseUrl}/graphql/other.js`)).status, 404);
});

test('told to stop, the process ends subscriptions and itself', async (t) => {
  const api = await exchange.start('api');
  const baseUrl = `http://127.0.0.1:${await portOf(api)}`;
  const socket = subscribe(baseUrl, null, 'subscription { book(productId: "PIKACHU-USD") { sequence } }');
  await until(() => socket.told.length === 1);
  const start = Date.now();
  await stopProcess(api);
  await socket.ended;
  t.is(api.child.exitCode, 0);
  t.true(Date.now() - start < 8_000);
});
