import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { createBodyBudget } from '../../../api/http/body-budget.ts';
import { inTurn } from '../../../api/http/in-turn.ts';
import { createUnreadBudget } from '../../../api/http/unread-budget.ts';
import { sleep } from '../../../core/lifecycle.ts';
import { issueToken } from '../../../sql/tokens.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';

let exchange: Exchange;
let token: string;

test.before(async () => {
  exchange = await startExchange();
  token = await issueToken(exchange.databaseUrl, { traderId: 1 });
});
test.after.always(() => exchange?.stop());

const mebibyte = 1_048_576;

/** A connection, and what has come on it as text. */
async function open(url: string): Promise<{ socket: Socket; text: () => string }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, text: () => text };
}

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await sleep(10);
  if (!holds()) throw new Error('it does not come to that');
}

function post(headers: string, by = token): string {
  return `POST /orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${by}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n`;
}
const time = 'GET /time HTTP/1.1\r\nHost: x\r\n\r\n';

for (const framing of ['Content-Length: 3145728', 'Transfer-Encoding: chunked'])
  test(`after a body that is too large (${framing}) the connection is good for the next request`, async (t) => {
    const { socket, text } = await open(exchange.baseUrl);
    const isChunked = framing.startsWith('Transfer');
    socket.write(post(framing));
    for (let i = 0; i < 3; i++)
      socket.write(isChunked ? `100000\r\n${'x'.repeat(mebibyte)}\r\n` : 'x'.repeat(mebibyte));
    socket.write((isChunked ? '0\r\n\r\n' : '') + time);
    await until(() => text().includes('"epoch"'));
    t.regex(text(), /^HTTP\/1\.1 413 [\s\S]*Request body too large: at most 1 MiB[\s\S]*HTTP\/1\.1 200 OK/);
    socket.destroy();
  });

test('a body that inflates to more than it may be is refused before it is whole', async (t) => {
  const { socket, text } = await open(exchange.baseUrl);
  const bomb = gzipSync(Buffer.alloc(64 * mebibyte, ' '));
  socket.write(post(`Content-Encoding: gzip\r\nContent-Length: ${bomb.length + 1}`));
  socket.write(bomb);
  await until(() => text().includes('413'));
  t.pass();
  socket.destroy();
});

test('bodies that never end take no more than their share, and leave room for others', async (t) => {
  const sender = await issueToken(exchange.databaseUrl, { traderId: 5 });
  const part = gzipSync(Buffer.alloc(mebibyte - 1_024, ' '));
  const bodies = await Promise.all(
    Array.from({ length: 40 }, async () => {
      const { socket, text } = await open(exchange.baseUrl);
      socket.write(post(`Content-Encoding: gzip\r\nContent-Length: ${part.length}`, sender));
      socket.write(part.subarray(0, -4));
      return { socket, text };
    }),
  );
  await until(() => bodies.filter(({ text }) => text().includes('429')).length >= 32);
  const other = await exchange.trader(2);
  const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1', x: ' '.repeat(500_000) };
  t.is((await other.post('/orders', order)).status, 200);
  t.is(bodies.filter(({ text }) => text() === '').length, 8);
  for (const { socket } of bodies) socket.destroy();
  const again = await exchange.trader(5);
  for (let i = 0; i < 100 && (await again.post('/orders', order)).status !== 200; i++) await sleep(10);
  t.is((await again.post('/orders', order)).status, 200, 'what was cut off is given back');
});

test('a compressed body is read; a compression that is not offered, and an empty body, are refused', async (t) => {
  const trader = await exchange.trader(3);
  const headers = { authorization: `Bearer ${await issueToken(exchange.databaseUrl, { traderId: 3 })}` };
  const body = gzipSync(JSON.stringify({ product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' }));
  const send = (encoding: string) =>
    fetch(`${exchange.baseUrl}/orders`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', 'content-encoding': encoding },
      body,
    });
  t.is((await send('gzip')).status, 200);
  t.is((await send('br')).status, 415);
  t.is((await trader.send('POST', '/orders', '')).body.message, 'Invalid body: a JSON body is required');
  const chunked = await open(exchange.baseUrl);
  chunked.socket.write(
    `DELETE /orders HTTP/1.1\r\nHost: x\r\nAuthorization: ${headers.authorization}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  );
  await until(() => chunked.text().includes('\r\n\r\n['));
  t.regex(chunked.text(), /^HTTP\/1\.1 200 /, 'an empty body is none');
  chunked.socket.destroy();
});

test('large lists are compressed for who takes that', async (t) => {
  const trader = await exchange.trader(4);
  const order = { product_id: 'SQUIRTLE-USD', side: 'sell', price: '9.00', size: '1' };
  await trader.post('/orders/batch', new Array(900).fill(order));
  const zipped = await trader.get('/orders?limit=900', { 'accept-encoding': 'gzip' });
  const plain = await trader.get('/orders?limit=900', { 'accept-encoding': 'identity' });
  t.deepEqual(zipped.body, plain.body);
  t.is(zipped.headers.get('content-encoding'), 'gzip');
  t.is(plain.headers.get('content-encoding'), null);
  for (const { headers } of [zipped, plain])
    t.regex(headers.get('content-type')!, /^application\/json; charset=utf-8$/);
  t.is((await trader.get('/orders?limit=2')).headers.get('content-encoding'), null);
});

test('the share of a sender and that of all are bounded, and small bodies are free', (t) => {
  const budget = createBodyBudget();
  const one = budget.hold('one');
  t.is(one.grow(8 * mebibyte), 'fits');
  t.is(budget.hold('one').grow(mebibyte), 'too much of one');
  t.is(budget.hold('one').grow(16_384), 'fits');
  const others = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((owner) => budget.hold(owner));
  for (const hold of others) t.is(hold.grow(8 * mebibyte), 'fits');
  t.is(budget.hold('h').grow(mebibyte), 'too much of all');
  one.release();
  one.release();
  t.is(budget.hold('h').grow(mebibyte), 'fits');
});

test('one sender may have few compressed bodies inflated at a time, and others are not hindered', (t) => {
  const budget = createBodyBudget();
  const inflated = Array.from({ length: 64 }, () => budget.hold('one'));
  for (const hold of inflated) t.is(hold.inflate(), 'fits');
  t.is(budget.hold('one').inflate(), 'too much of one');
  t.is(budget.hold('other').inflate(), 'fits');
  inflated[0]!.release();
  inflated[0]!.release();
  t.is(budget.hold('one').inflate(), 'fits');
  t.is(budget.hold('one').inflate(), 'too much of one');
});

/** A server that answers in turns, with what the test says. */
async function serving(handle: RequestListener, timeoutMs: number, mostUnread = 100 * mebibyte) {
  const server = createServer(inTurn(handle, createUnreadBudget(mostUnread), timeoutMs)).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test('of pipelined requests few are under way, and all are answered in order', async (t) => {
  let underWay = 0;
  let most = 0;
  let count = 0;
  const { url, server } = await serving(async (_, response) => {
    most = Math.max(most, ++underWay);
    const number = ++count;
    await sleep(20 - (number % 20));
    underWay--;
    response.end(`[${number}]`);
  }, 1_000);
  const { socket, text } = await open(url);
  socket.write(time.repeat(100));
  await until(() => text().includes('[100]'));
  t.is(most, 8);
  t.deepEqual(
    [...text().matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number)),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  socket.destroy();
  server.close();
});

test('what all connections together leave unread is bounded, and who reads is spared', async (t) => {
  const body = Buffer.alloc(8 * mebibyte, 'x');
  const { url, server } = await serving((_, response) => response.end(body), 60_000, 64 * mebibyte);
  const held: Socket[] = [];
  server.on('connection', (socket) => held.push(socket));
  const unread = () => held.reduce((sum, socket) => sum + (socket.destroyed ? 0 : socket.writableLength), 0);
  const idle = await Promise.all(Array.from({ length: 40 }, () => open(url)));
  for (const { socket } of idle) {
    socket.pause();
    socket.write(time);
  }
  await until(() => held.filter(({ destroyed }) => destroyed).length >= 30);
  t.true(unread() <= 64 * mebibyte, `${unread()}`);
  const { socket, text } = await open(url);
  socket.write(time);
  await until(() => text().length > body.length);
  for (const each of [socket, ...idle.map((one) => one.socket)]) each.destroy();
  server.close();
});

test('who does not read has few answers made, and is cut off', async (t) => {
  let made = 0;
  const body = Buffer.alloc(8 * mebibyte, 'x');
  const { url, server } = await serving((_, response) => {
    made++;
    response.end(body);
  }, 300);
  const { socket } = await open(url);
  socket.pause();
  socket.write(time.repeat(200));
  await until(() => made > 0);
  await sleep(100);
  t.true(made <= 8, `${made} answers were made`);
  const connections = () => new Promise<number>((resolve) => server.getConnections((_, n) => resolve(n)));
  for (let i = 0; i < 500 && (await connections()) > 0; i++) await sleep(10);
  t.is(await connections(), 0);
  socket.destroy();
  server.close();
});
