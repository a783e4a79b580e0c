import test from 'ava';
import { shardKeys } from '../../../core/keys.ts';
import { execute } from '../../support/database.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { type Client, createClient } from '../../support/http.ts';
import { portOf } from '../../support/processes.ts';
import { proxyRedis } from '../../support/proxied-redis.ts';
import { signedClient } from '../../support/signed.ts';
import { openSocket } from '../../support/socket.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
let other: string;
test.before(async () => {
  exchange = await startExchange();
  other = `http://127.0.0.1:${await portOf(await exchange.start('api'))}`;
});
test.after.always(() => exchange?.stop());

const roomOf = (product: string): string => `/products/${product}/messages`;
const say = (client: Client, product: string, text: unknown) => client.post(roomOf(product), { text });

test('what a trader says is listed, and told by every api process to those who follow the room', async (t) => {
  const [product, quiet] = [await exchange.addProduct(), await exchange.addProduct()];
  const [ash, misty] = [await exchange.trader(1), await exchange.trader(2)];
  const first = await say(ash, product, '  Is this the real card?  ');
  t.is(first.status, 200);
  t.like(first.body, { product_id: product, text: 'Is this the real card?', removed_at: null });
  const socket = await openSocket(other);
  await socket.subscribe({ product_ids: [product, quiet], channels: ['room'] });
  const rooms = [await socket.nextOf('room'), await socket.nextOf('room')];
  t.deepEqual(
    rooms.map(({ product_id, messages }) => [product_id, messages]),
    [
      [product, [first.body]],
      [quiet, []],
    ],
  );
  const second = await say(misty, product, 'It is');
  t.deepEqual(await socket.nextOf('message'), { type: 'message', ...second.body });
  const { body, headers } = await exchange.anonymous.get(roomOf(product));
  t.deepEqual(body, [second.body, first.body]);
  t.is(headers.get('cb-after'), first.body.id);
  t.deepEqual((await exchange.anonymous.get(roomOf(quiet))).body, []);
  socket.close();
});

test('an author has one name in all rooms, which tells neither its number nor its login', async (t) => {
  const [one, two] = [await exchange.addProduct(), await exchange.addProduct()];
  const password = 'correct horse battery';
  await exchange.anonymous.post('/traders', { name: 'delia', password });
  const { token } = (await exchange.anonymous.post('/sessions', { name: 'delia', password })).body;
  const delia = createClient(exchange.baseUrl, token);
  const said = await Promise.all(Array.from({ length: 8 }, (_, i) => say(delia, i % 2 ? one : two, `${i}`)));
  const names = new Set(said.map(({ body }) => body.author));
  t.is(names.size, 1);
  t.regex([...names][0]!, /^trader-[a-z2-9]{6}$/);
  const { body } = await say(await exchange.trader(3), one, 'hello');
  t.false(names.has(body.author));
  t.deepEqual(Object.keys(body).sort(), ['author', 'created_at', 'id', 'product_id', 'removed_at', 'text']);
});

test('a message is one line of 1 to 500 characters that can be seen', async (t) => {
  const product = await exchange.addProduct();
  const trader = await exchange.trader(4);
  const refused: readonly [text: unknown, why: RegExp][] = [
    [undefined, /text: required/],
    [1, /must be text/],
    ['', /must not be empty/],
    [' \n\t ', /must not be empty/],
    ['\u200b', /must not be empty/],
    ['one\ntwo', /line breaks or control/],
    ['a\u0000b', /line breaks or control/],
    ['a\ud800b', /line breaks or control/],
    ['a\u202eb', /line breaks or control/],
    ['x'.repeat(501), /at most 500/],
  ];
  for (const [text, why] of refused) {
    const { status, body } = await say(trader, product, text);
    t.is(status, 400, JSON.stringify(text));
    t.regex(body.message, why);
  }
  for (const text of ['🃏'.repeat(500), '<img src=x onerror=alert(1)>', 'שלום 👩‍👩‍👧 ﷽'])
    t.is((await say(trader, product, text)).body.text, text);
  t.is((await say(trader, 'NONE-USD', 'hello')).status, 404);
  t.is((await exchange.anonymous.get(roomOf(product))).body.length, 3);
});

test('a room is paged by its cursors, fifty at a time', async (t) => {
  const product = await exchange.addProduct();
  const trader = await exchange.trader(5);
  for (let i = 0; i < 60; i++) await say(trader, product, `${i}`);
  const page = (query = '') => exchange.anonymous.get(`${roomOf(product)}${query}`);
  const newest = await page();
  const older = await page(`?after=${newest.headers.get('cb-after')}`);
  const texts = [...newest.body, ...older.body].map(({ text }: { text: string }) => Number(text));
  t.is(newest.body.length, 50);
  t.deepEqual(
    texts,
    Array.from({ length: 60 }, (_, i) => 59 - i),
  );
  const newer = await page(`?before=${older.headers.get('cb-before')}&limit=3`);
  t.deepEqual(
    newer.body.map(({ text }: { text: string }) => text),
    ['12', '11', '10'],
  );
});

test('only traders write, and keys only if they may publish', async (t) => {
  const product = await exchange.addProduct();
  t.is((await say(exchange.anonymous, product, 'hello')).status, 401);
  t.is((await say(exchange.operator, product, 'hello')).status, 403);
  const trader = await exchange.trader(6);
  const statusWith = async (permissions: string[]): Promise<number> => {
    const { body: key } = await trader.post('/api-keys', { permissions });
    return (await signedClient(exchange.baseUrl, key)('POST', roomOf(product), { text: 'hello' })).status;
  };
  t.is(await statusWith(['view', 'trade', 'transfer', 'manage']), 401);
  t.is(await statusWith(['publish']), 200);
});

test('operators remove what a message says; what it said is in the record of what they did alone', async (t) => {
  const product = await exchange.addProduct();
  const trader = await exchange.trader(7);
  const { body: kept } = await say(trader, product, 'kept');
  const { body: bad } = await say(trader, product, 'come to my phishing page');
  const socket = await openSocket(other);
  await socket.subscribe({ product_ids: [product], channels: ['room'] });
  await socket.nextOf('room');
  t.is((await trader.delete(`/messages/${bad.id}`)).status, 403);
  const { status, body } = await exchange.operator.delete(`/messages/${bad.id}`);
  t.is(status, 200);
  t.like(body, { id: bad.id, text: null, author: bad.author, trader_id: '7' });
  t.like(await socket.nextOf('message'), { id: bad.id, text: null, removed_at: body.removed_at });
  const { body: listed } = await exchange.anonymous.get(roomOf(product));
  t.like(listed[0], { id: bad.id, text: null, removed_at: body.removed_at });
  t.deepEqual(listed[1], kept);
  t.is((await exchange.operator.delete(`/messages/${bad.id}`)).body.removed_at, body.removed_at);
  t.is((await exchange.operator.delete('/messages/999999999')).status, 404);
  const { body: operations } = await exchange.operator.get('/operations');
  const found = operations.filter(({ path }: { path: string }) => path === `/messages/${bad.id}`);
  t.like(found.at(-1), { method: 'DELETE', status: 200, before: { text: 'come to my phishing page' } });
  socket.close();
});

test('a trader that operators mute writes nothing, trades, and writes again once that ends', async (t) => {
  const product = await exchange.addProduct();
  const trader = await exchange.trader(10);
  const { author } = (await say(trader, product, 'hello')).body;
  const set = (body: object) => exchange.operator.put('/traders/10', body);
  const muted = await set({ muted: true });
  t.like(muted.body, { trader_id: '10', author, muted: true, frozen: false });
  t.is((await set({ muted: true })).body.muted_at, muted.body.muted_at);
  const refused = await say(trader, product, 'can you hear me?');
  t.is(refused.status, 403);
  t.is(refused.body.message, 'Operators have muted you in rooms');
  const order = { product_id: product, side: 'buy', price: '1.00', size: '1' };
  t.is((await trader.post('/orders', order)).status, 200);
  t.like((await set({ frozen: true, muted: false })).body, { muted: false, muted_at: null, frozen: true });
  t.is((await say(trader, product, 'thank you')).status, 200);
  t.is((await set({})).status, 400);
  // 202 where the command of it is not matched yet.
  t.true([200, 202].includes((await set({ frozen: false })).status));
  const { body: operations } = await exchange.operator.get('/operations');
  const found = operations.find(({ body }: { body: object }) => JSON.stringify(body) === '{"muted":true}');
  t.like(found.before, { muted: true });
  // A trader who never wrote is muted before its first word.
  t.is((await exchange.operator.put('/traders/11', { muted: true })).body.author, null);
  t.is((await say(await exchange.trader(11), product, 'hello')).status, 403);
});

test('what was said while Redis was away is listed at once, and told once it is back', async (t) => {
  const product = await exchange.addProduct();
  const { proxy, url } = await proxyRedis(t, exchange.redis);
  const api = await exchange.start('api', { REDIS_URL: url });
  const baseUrl = `http://127.0.0.1:${await portOf(api)}`;
  const trader = createClient(baseUrl, await exchange.tokenOf(8));
  const near = await openSocket(baseUrl);
  const far = await openSocket(other);
  for (const socket of [near, far]) {
    await socket.subscribe({ product_ids: [product], channels: ['room'] });
    await socket.nextOf('room');
  }
  proxy.aim(1);
  proxy.cut();
  const { status, body } = await say(trader, product, 'is anybody there?');
  t.is(status, 200);
  t.deepEqual((await trader.get(roomOf(product))).body, [body]);
  const [, port] = (await exchange.redis.config('GET', 'port')) as string[];
  proxy.aim(Number(port));
  for (const socket of [near, far]) {
    await socket.next(({ type, messages }) => type === 'room' && messages[0]?.id === body.id);
    socket.close();
  }
});

test('a message that comes later than newer ones, and a stream that is cut, lose nothing', async (t) => {
  const product = await exchange.addProduct();
  const trader = await exchange.trader(9);
  const { body: first } = await say(trader, product, 'first');
  const socket = await openSocket(other);
  await socket.subscribe({ product_ids: [product], channels: ['room'] });
  await socket.nextOf('room');
  // Another process wrote this row, and its entry is late.
  await execute(
    exchange.databaseUrl,
    `insert into messages (product_id, trader_id, text) values ('${product}', 9, 'late')`,
  );
  const { body: last } = await say(trader, product, 'last');
  await socket.nextOf('message');
  const { body: all } = await exchange.anonymous.get(roomOf(product));
  const { rooms } = shardKeys(exchange.shard);
  const late = all.find(({ text }: { text: string }) => text === 'late');
  await exchange.redis.xadd(rooms, '*', 'product', product, 'message', JSON.stringify(late));
  t.like(await socket.nextOf('message'), { text: 'late' });
  const another = await openSocket(other);
  await another.subscribe({ product_ids: [product], channels: ['room'] });
  t.deepEqual((await another.nextOf('room')).messages, [last, late, first]);
  await exchange.redis.xadd(rooms, '*', 'product', product);
  t.deepEqual((await another.nextOf('room')).messages, [last, late, first]);
  t.true((await exchange.redis.xlen(rooms)) > 0);
  socket.close();
  another.close();
});

test('a trader, and an address, may write so often', async (t) => {
  const product = await exchange.addProduct();
  const api = await exchange.start('api', {
    RATE_LIMITS: 'on',
    PRIVATE_RATE: '1000/1000',
    MESSAGES_RATE: '1/3',
  });
  const baseUrl = `http://127.0.0.1:${await portOf(api)}`;
  const clients = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => createClient(baseUrl, await exchange.tokenOf(20 + i))),
  );
  const answers = await Promise.all(clients.map((client) => say(client, product, 'buy my cards')));
  const refused = answers.filter(({ status }) => status === 429);
  t.true(refused.length >= 4, 'each is another trader, and all are one address');
  t.is(refused[0]!.body.message, 'Private rate limit exceeded');
  await until(async () => (await say(clients[0]!, product, 'one more')).status === 200);
});
