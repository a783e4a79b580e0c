import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import test from 'ava';
import { WebSocket } from 'ws';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { scrape } from '../../support/metrics.ts';
import { type Message, openSocket } from '../../support/socket.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange({ env: { FEED_OPENINGS_PER_SECOND: '100000', FEED_SOCKETS: '100000' } });
});
test.after.always(() => exchange?.stop());

/** A connection that is a socket by hand, so that it can do what no client would. */
async function openRaw(): Promise<Socket> {
  const { hostname, port } = new URL(exchange.baseUrl);
  const raw = connect(Number(port), hostname);
  raw.on('error', () => {});
  raw.write(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(raw, 'data');
  return raw;
}

/** A text in one masked frame, whose mask is zero. */
function masked(text: string, firstByte = 0x81): Buffer {
  const length = Buffer.byteLength(text);
  const head = Buffer.from([firstByte, 0xfe, length >> 8, length & 0xff, 0, 0, 0, 0]);
  return Buffer.concat([head, Buffer.from(text)]);
}

const subscribe = (product_id: string, channel: string): string =>
  JSON.stringify({ type: 'subscribe', product_ids: [product_id], channels: [channel] }).padEnd(200);

test('a message that is too large, compressed or no text at all ends its socket and no other', async (t) => {
  const text = Buffer.alloc(100_000_000, 'x');
  const large = await openSocket(exchange.baseUrl);
  large.ws.on('error', () => {});
  large.ws.send(text);
  t.is((await large.closed).code, 1009);
  const compressed = await openRaw();
  compressed.write(masked('compressed'.padEnd(200), 0xc1));
  const [frame] = (await once(compressed, 'data')) as [Buffer];
  t.deepEqual([frame[0], frame.readUInt16BE(2)], [0x88, 1002]);
  const other = await openSocket(exchange.baseUrl);
  t.is((await other.subscribe({ channels: ['status'] })).type, 'subscriptions');
  other.close();
});

test('too many messages a second, and too many sockets, are refused', async (t) => {
  // An exchange of its own: limits so low are met at any speed, and are shared by all sockets of an address.
  const strict = await startExchange({
    env: { RATE_LIMITS: 'on', FEED_SOCKETS: '3', FEED_MESSAGES_PER_SECOND: '10' },
  });
  t.teardown(() => strict.stop());
  const client = await openSocket(strict.baseUrl);
  for (let i = 0; i < 200; i++) client.send({ type: 'unsubscribe', channels: ['status'] });
  t.deepEqual(await client.closed, { code: 1008, reason: 'too many messages a second' });
  const opened = Array.from({ length: 8 }, () => new WebSocket(strict.baseUrl.replace('http', 'ws')));
  const outcomes = await Promise.all(
    opened.map((ws) =>
      once(ws, 'open').then(
        () => 'open',
        (error) => String(error),
      ),
    ),
  );
  const refused = outcomes.filter((outcome) => /429/.test(outcome));
  t.true(refused.length >= 5, outcomes.join(', '));
  const { value } = await scrape(strict.baseUrl);
  t.is(value('cardstock_refused_sockets_total'), 1);
  const labels = { method: 'GET', route: '/', status: '429' };
  t.is(value('cardstock_http_request_duration_seconds_count', labels), refused.length);
  for (const ws of opened) ws.terminate();
});

test('who does not read, or does not answer pings, is dropped in time; others notice nothing', async (t) => {
  const product_id = await exchange.addProduct();
  const stuck = await openRaw();
  stuck.write(masked(subscribe(product_id, 'heartbeat')));
  stuck.pause();
  const silent = await openSocket(exchange.baseUrl, { autoPong: false });
  await silent.subscribe({ product_ids: [product_id], channels: ['heartbeat'] });
  const other = await openSocket(exchange.baseUrl);
  await other.subscribe({ product_ids: [product_id], channels: ['heartbeat'] });
  const before = Date.now();
  t.deepEqual(await silent.closed, { code: 1013, reason: 'too slow: a ping was not answered in time' });
  const took = Date.now() - before;
  t.true(took > 9_000 && took < 25_000, `${took} ms`);
  let told = '';
  stuck.on('data', (bytes) => {
    told += bytes;
  });
  stuck.resume();
  await until(() => told.includes('too slow: a ping was not answered in time'));
  stuck.destroy();
  t.true(other.messages.filter(({ type }) => type === 'heartbeat').length > took / 1_000 - 3);
  t.is(other.ws.readyState, WebSocket.OPEN);
  other.close();
});

/** A client that reads so many bytes a second and no more. */
async function openSlow(bytesPerSecond: number): Promise<SlowReader> {
  const { hostname, port } = new URL(exchange.baseUrl);
  const raw = connect(Number(port), hostname);
  const ws = new WebSocket(exchange.baseUrl.replace('http', 'ws'), { createConnection: () => raw });
  const types: string[] = [];
  ws.on('error', () => {});
  ws.on('message', (data) => types.push(JSON.parse(String(data)).type));
  const closed = new Promise<Closed>((resolve) =>
    ws.on('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await once(ws, 'open');
  const start = performance.now();
  const reading = setInterval(() => {
    if (raw.bytesRead < ((performance.now() - start) / 1_000) * bytesPerSecond) ws.resume();
  }, 10);
  raw.on('data', () => ws.pause());
  void closed.then(() => clearInterval(reading));
  return { ws, types, closed };
}

type SlowReader = {
  readonly ws: WebSocket;
  /** Of all messages that it has read. */
  readonly types: string[];
  readonly closed: Promise<Closed>;
};
type Closed = { readonly code: number; readonly reason: string };

test('who reads 100 kB a second is told all that this is enough for, and dropped with the reason if it is not', async (t) => {
  const product_id = await exchange.addProduct();
  // A book of 90 kB.
  for (let from = 0; from < 5_000; from += 1_000) {
    const orders = Array.from({ length: 1_000 }, (_, i) => ({
      ...{ product_id, trader_id: 1, side: 'buy', size: '1000' },
      price: (100 + (from + i) / 100).toFixed(2),
    }));
    t.is((await exchange.operator.post('/orders/batch', orders)).status, 200);
  }
  const [enough, tooMuch] = [await openSlow(100_000), await openSlow(100_000)];
  const ask = ({ ws }: SlowReader, snapshots: number): void => {
    for (let i = 0; i < snapshots; i++)
      for (const type of ['subscribe', 'unsubscribe'])
        ws.send(JSON.stringify({ type, product_ids: [product_id], channels: ['level2'] }));
  };
  const other = await openSocket(exchange.baseUrl);
  await other.subscribe({ product_ids: [product_id], channels: ['heartbeat'] });
  ask(enough, 4);
  ask(tooMuch, 24);
  const { code, reason } = await tooMuch.closed;
  t.is(code, 1013);
  t.regex(reason, /^too slow: /);
  t.is(enough.types.filter((type) => type === 'snapshot').length, 4);
  t.is(enough.ws.readyState, WebSocket.OPEN);
  const before = other.messages.length;
  await until(() => other.messages.length > before + 1);
  t.is(other.ws.readyState, WebSocket.OPEN);
  for (const { ws } of [enough, other]) ws.terminate();
});

test('thousands of sockets that come and go leave nothing behind', async (t) => {
  const product_id = await exchange.addProduct();
  // OPENED_SOCKETS=10000 is the long form.
  const all = Number(process.env.OPENED_SOCKETS ?? 1_500);
  const message = masked(subscribe(product_id, 'level2'));
  const open = (): number => readdirSync(`/proc/${exchange.processes.api[0]!.child.pid}/fd`).length;
  const before = open();
  for (let opened = 0; opened < all; opened += 100)
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const raw = await openRaw();
        raw.write(message);
        if (i % 2 === 0) await once(raw, 'data');
        if (i % 3 === 0) raw.resetAndDestroy();
        else raw.destroy();
      }),
    );
  // Other tests of this file have some of their own.
  await until(() => open() < before + 50);
  const client = await openSocket(exchange.baseUrl);
  t.is((await client.subscribe({ product_ids: [product_id], channels: ['level2'] })).type, 'subscriptions');
  client.close();
});

test('a thousand random subscriptions leave each socket with what it asked for', async (t) => {
  const [one, two] = [await exchange.addProduct(), await exchange.addProduct()];
  const channels = ['level2', 'level2_batch', 'matches', 'full', 'ticker', 'heartbeat'];
  const clients = await Promise.all(Array.from({ length: 5 }, () => openSocket(exchange.baseUrl)));
  const wanted = clients.map(() => new Map<string, Set<string>>());
  const ask = async (c: number, i: number): Promise<void> => {
    const name = channels[(i * 7 + c * 3 + ((i * i) % 5)) % channels.length]!;
    const products = [[one], [two], [one, two]][(i + c) % 3]!;
    const type = (i * 31 + c) % 5 < 3 ? 'subscribe' : 'unsubscribe';
    const mine = wanted[c]!;
    const before = mine.get(name) ?? new Set();
    const after = new Set(
      type === 'subscribe' ? [...before, ...products] : [...before].filter((id) => !products.includes(id)),
    );
    if (after.size > 0) mine.set(name, after);
    else mine.delete(name);
    clients[c]!.send({ type, product_ids: products, channels: [name] });
    const answer = await clients[c]!.nextOf('subscriptions');
    const told: [string, Set<string>][] = answer.channels.map((channel: Message) => [
      channel.name,
      new Set(channel.product_ids),
    ]);
    t.deepEqual(new Map(told), mine);
  };
  await Promise.all(
    clients.map(async (_, c) => {
      for (let i = 0; i < 200; i++) await ask(c, i);
    }),
  );
  for (const client of clients) client.close();
});
