import test from 'ava';
import { type RawData, WebSocket as Socket, WebSocketServer } from 'ws';
import type { LevelBook } from '../../clients/typescript/src/book.ts';
import { type Feed, type FeedOptions, openFeed } from '../../clients/typescript/src/feed.ts';
import type { SocketMessage } from '../../clients/typescript/src/socket.ts';
import { watchBook } from '../../clients/typescript/src/watch-book.ts';
import { sleep } from '../../core/lifecycle.ts';
import { issueToken } from '../../sql/tokens.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import type { Client } from '../support/http.ts';
import { killProcess, portOf } from '../support/processes.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

const feeds: Feed[] = [];
test.after.always(() => {
  for (const feed of feeds) feed.close();
});

function opened(options: Partial<FeedOptions> = {}): Feed {
  const feed = openFeed({ url: `${exchange.baseUrl.replace('http', 'ws')}/feed`, ...options });
  feeds.push(feed);
  return feed;
}

const patienceMs = 30_000;

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + patienceMs; !(await isSo()); await sleep(20))
    if (Date.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}`);
}

/** What both say of the product's levels. */
async function isTheExchanges(book: LevelBook): Promise<boolean> {
  const { body } = await exchange.anonymous.get(`/products/${book.productId}/book?level=2`);
  const plain = (rows: readonly (readonly unknown[])[]) =>
    JSON.stringify(rows.map(([price, size]) => [price, size]));
  return (
    plain(body.bids) === plain(book.bids.best(Infinity)) &&
    plain(body.asks) === plain(book.asks.best(Infinity))
  );
}

/** Orders on both sides around 5.00 that partly trade. */
async function trade(trader: Client, product_id: string, from: number): Promise<void> {
  const orders = Array.from({ length: 40 }, (_, at) => ({
    ...{ product_id, side: at % 2 ? 'buy' : 'sell', size: String(1 + ((at * 7) % 5)) },
    price: (5 + ((((from + at) * 37) % 21) - 10) / 100).toFixed(2),
  }));
  const { status } = await trader.post('/orders/batch', orders);
  if (status !== 200) throw new Error(`HTTP ${status}`);
}

test('a watched book is the exchange’s, and says so by its checksum', async (t) => {
  const [product, trader] = await Promise.all([exchange.addProduct(), exchange.trader(11)]);
  await trade(trader, product, 0);
  const { book, close } = watchBook(opened(), product);
  await until(() => book.state === 'proven', 'a snapshot');
  t.true(await isTheExchanges(book));
  for (let round = 1; round < 6; round++) await trade(trader, product, round * 40);
  await until(() => isTheExchanges(book), 'the same levels');
  t.is(book.state, 'proven');
  close();
});

test('a book from which a message was kept notices it and begins anew', async (t) => {
  const [product, trader] = await Promise.all([exchange.addProduct(), exchange.trader(12)]);
  const proxy = await withoutUpdate(2);
  t.teardown(proxy.close);
  const broken: string[] = [];
  const { book } = watchBook(opened({ url: proxy.url }), product, {
    onBroken: ({ message }) => broken.push(message),
  });
  await until(() => book.state !== 'empty', 'a snapshot');
  // Each at a price of its own, so that no later update says what the lost one said.
  for (let bid = 1; broken.length === 0 && bid < 40; bid++) {
    await trader.post('/orders', {
      product_id: product,
      side: 'buy',
      price: (4 + bid / 100).toFixed(2),
      size: '1',
    });
    await sleep(250);
  }
  t.is(broken.length, 1);
  t.regex(broken[0]!, /is not the exchange's/);
  await until(() => book.state === 'proven', 'a new snapshot');
  t.true(await isTheExchanges(book));
});

test.serial(
  'a feed comes back when the api was killed, and tells its subscribers that they begin anew',
  async (t) => {
    const [product, trader] = await Promise.all([exchange.addProduct(), exchange.trader(13)]);
    const [api] = exchange.processes.api;
    const states: string[] = [];
    const feed = opened({ onState: (state) => states.push(state) });
    const { book } = watchBook(feed, product);
    const trades: SocketMessage[] = [];
    let resets = 0;
    feed.subscribe({
      ...{ channel: 'matches', productIds: [product], onMessage: (message) => trades.push(message) },
      onReset: () => resets++,
    });
    await trade(trader, product, 0);
    await until(() => book.sequence > 0, 'the first trades');
    const port = String(await portOf(api!));
    await killProcess(api!);
    exchange.processes.api.splice(0);
    await until(() => book.state === 'empty' || states.at(-1) === 'closed', 'the loss');
    await exchange.start('api', { PORT: port });
    await until(() => resets === 1 && book.state === 'proven', 'the feed again');
    await trade(trader, product, 40);
    await until(() => isTheExchanges(book), 'the same levels');
    t.true(trades.some(({ type }) => type === 'match'));
    t.deepEqual(states.slice(0, 3), ['connecting', 'open', 'closed']);
  },
);

test('own events come to their trader alone, and products that end are no longer told of', async (t) => {
  const product = await exchange.addProduct();
  const [seller, buyer] = await Promise.all([exchange.trader(14), exchange.trader(15)]);
  const token = await issueToken(exchange.databaseUrl, { traderId: 14 });
  const feed = opened({ credentials: { token } });
  const own: SocketMessage[] = [];
  const matches: SocketMessage[] = [];
  feed.subscribe({ channel: 'user', onMessage: (message) => own.push(message) });
  const end = feed.subscribe({
    channel: 'matches',
    productIds: [product],
    onMessage: (one) => matches.push(one),
  });
  await until(async () => {
    await seller.post('/orders', { product_id: product, side: 'sell', price: '5.00', size: '1' });
    return own.length > 0;
  }, 'an own event');
  await buyer.post('/orders', { product_id: product, side: 'buy', price: '5.00', size: '1' });
  await until(() => own.some(({ type }) => type === 'match'), 'the own match');
  t.true(own.every(({ user_id }) => user_id === '14'));
  t.true(matches.length > 0);
  end();
  const before = matches.length;
  await seller.post('/orders', { product_id: product, side: 'sell', price: '5.00', size: '1' });
  await buyer.post('/orders', { product_id: product, side: 'buy', price: '5.00', size: '1' });
  await until(() => own.filter(({ type }) => type === 'match').length > 1, 'another own match');
  t.is(matches.length, before);
});

/** Between a client and the exchange; keeps the given update of levels for itself. */
async function withoutUpdate(kept: number): Promise<{ url: string; close: () => void }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  let updates = 0;
  server.on('connection', (client) => {
    const behind = new Socket(`${exchange.baseUrl.replace('http', 'ws')}/feed`);
    const early: RawData[] = [];
    client.on('message', (data) =>
      behind.readyState === Socket.OPEN ? behind.send(String(data)) : early.push(data),
    );
    behind.on('open', () => {
      for (const data of early) behind.send(String(data));
    });
    behind.on('message', (data) => {
      const text = String(data);
      const isKept = text.includes('"l2update"') && ++updates === kept;
      if (!isKept) client.send(text);
    });
    client.on('close', () => behind.close());
    behind.on('close', () => client.close());
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    close: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
