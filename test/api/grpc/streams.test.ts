import { status } from '@grpc/grpc-js';
import test, { type ExecutionContext } from 'ava';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { collect, createGrpcClient, type GrpcClient, type Message } from '../../support/grpc.ts';
import { scrape } from '../../support/metrics.ts';
import { portOf, stopProcess } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

let exchange: Exchange;
let port: number;
let operator: GrpcClient;
test.before(async () => {
  exchange = await startExchange({ env: { GRPC_PORT: '0' } });
  port = await portOf(exchange.processes.api[0]!, 'serving gRPC');
  operator = createGrpcClient(port, exchange.operatorToken);
});
test.after.always(() => exchange?.stop());

function orderOf(product_id: string, i: number) {
  const side = i % 2 === 0 ? 'SIDE_BUY' : 'SIDE_SELL';
  return { product_id, side, price: `${1 + (i % 7)}`, size: '1', trader_id: `${1 + (i % 50)}` };
}

function batchOf(product_id: string, batch_id: number, size: number, answer_with?: string) {
  const orders = Array.from({ length: size }, (_, i) => orderOf(product_id, batch_id * size + i));
  return { batch_id, orders, answer_with };
}

async function recordedIds(product_id: string): Promise<string[]> {
  const trades = await exchange.operator.get(`/products/${product_id}/trades?limit=1000`);
  return trades.body.map(({ trade_id }: { trade_id: number }) => trade_id);
}

test('batches are taken and answered in their order, however many are under way', async (t) => {
  const product_id = await exchange.addProduct();
  const stream = operator.duplex('streamOrders');
  const { messages, ended } = collect(stream);
  const batches = 200;
  for (let i = 0; i < batches; i++) stream.write(batchOf(product_id, i, 20));
  stream.end();
  t.is((await ended).code, status.OK);
  t.deepEqual(
    messages.map(({ batch_id }) => batch_id),
    Array.from({ length: batches }, (_, i) => i),
  );
  const ids = messages.flatMap(({ verdicts }) =>
    verdicts.results.map(({ order }: Message) => Number(order.id)),
  );
  t.is(ids.length, 4_000);
  t.deepEqual(
    ids,
    ids.toSorted((one, other) => one - other),
  );
  t.true((await recordedIds(product_id)).length > 500);
});

test('that a batch is on disk is told apart from what became of it, each in order', async (t) => {
  const product_id = await exchange.addProduct();
  const stream = operator.duplex('streamOrders');
  const { messages, ended } = collect(stream);
  for (let i = 0; i < 10; i++)
    stream.write(batchOf(product_id, i, 10, i % 2 === 0 ? 'ANSWER_WITH_BOTH' : 'ANSWER_WITH_ACCEPTANCE'));
  stream.end();
  t.is((await ended).code, status.OK);
  const told = (answer: string) =>
    messages.filter((one) => one.answer === answer).map(({ batch_id }) => batch_id);
  t.deepEqual(told('acceptance'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.deepEqual(told('verdicts'), [0, 2, 4, 6, 8]);
  const first = (answer: string) => messages.find((one) => one.batch_id === 0 && one.answer === answer);
  t.is(first('acceptance').acceptance.first_id, first('verdicts').verdicts.results[0].order.id);
  t.is(first('acceptance').acceptance.count, 10);
});

test('a batch that is refused is told why in its place, and the stream goes on', async (t) => {
  const product_id = await exchange.addProduct();
  const stream = operator.duplex('streamOrders');
  const { messages, ended } = collect(stream);
  stream.write(batchOf(product_id, 1, 2));
  stream.write({ batch_id: 2, orders: [{ ...orderOf(product_id, 0), price: '0' }] });
  stream.write({ batch_id: 3, orders: [], answer_with: 'ANSWER_WITH_BOTH' });
  stream.write({
    batch_id: 4,
    orders: [orderOf(product_id, 0), { ...orderOf(product_id, 1), client_oid: 'a' }],
  });
  stream.write({ batch_id: 5, orders: [{ ...orderOf(product_id, 1), client_oid: 'a', size: '2' }] });
  stream.end();
  t.is((await ended).code, status.OK);
  const answers = messages.map(({ batch_id, answer, refusal }) => [batch_id, answer, refusal?.message]);
  t.deepEqual(
    answers.toSorted(([one], [other]) => one - other),
    [
      [1, 'verdicts', undefined],
      [2, 'refusal', 'Order at index 0: price too small: must be at least 0.01'],
      [3, 'refusal', 'Invalid body: must have 1 to 1000 orders'],
      [4, 'verdicts', undefined],
      [5, 'verdicts', undefined],
    ],
  );
  t.is(messages.find(({ batch_id }) => batch_id === 5).verdicts.results[0].message, 'Duplicate client_oid');
});

test('the book of a client that adds up the levels of a stream is the book', async (t) => {
  const product_id = await exchange.addProduct();
  await operator.call('placeOrders', batchOf(product_id, 0, 30));
  const kinds = ['MARKET_DATA_KIND_LEVELS', 'MARKET_DATA_KIND_TRADES', 'MARKET_DATA_KIND_EVENTS'];
  const { messages } = collect(operator.read('streamMarketData', { product_id, kinds }));
  const tradesOnly = collect(operator.read('streamMarketData', { product_id, kinds: [kinds[1]] }));
  await until(() => messages.length > 0 && tradesOnly.messages.length > 0);
  for (let i = 1; i < 20; i++) await operator.call('placeOrders', batchOf(product_id, i, 30));
  const wanted = (await exchange.anonymous.get(`/products/${product_id}/book?level=2`)).body;
  await until(() => messages.at(-1).update?.sequence === wanted.sequence);

  const [{ snapshot }, ...updates] = messages;
  t.true(snapshot.is_last_part);
  const book: Record<string, Map<string, string>> = { SIDE_BUY: new Map(), SIDE_SELL: new Map() };
  for (const { price, size } of snapshot.bids) book.SIDE_BUY!.set(price, size);
  for (const { price, size } of snapshot.asks) book.SIDE_SELL!.set(price, size);
  let { sequence } = snapshot;
  for (const { update } of updates) {
    t.is(update.previous_sequence, sequence);
    t.deepEqual(
      update.events.map((event: Message) => event.sequence),
      numbersBetween(sequence, update.sequence),
    );
    ({ sequence } = update);
    for (const { side, price, size } of update.levels)
      if (Number(size) === 0) book[side]!.delete(price);
      else book[side]!.set(price, size);
  }
  const rows = (levels: [string, string, number][]) => levels.map(([price, size]) => [price, size]).sort();
  t.deepEqual([...book.SIDE_BUY!].sort(), rows(wanted.bids));
  t.deepEqual([...book.SIDE_SELL!].sort(), rows(wanted.asks));
  const trades = updates.flatMap(({ update }) => update.trades.map((trade: Message) => trade.trade_id));
  t.deepEqual(trades.toReversed(), (await recordedIds(product_id)).slice(0, trades.length));
  const alone = tradesOnly.messages
    .slice(1)
    .flatMap(({ update }) => update.trades.map((one: Message) => one.trade_id));
  t.deepEqual(alone, trades);
});

function numbersBetween(before: number, last: number): number[] {
  return Array.from({ length: last - before }, (_, i) => before + 1 + i);
}

test('a client that does not read is ended, and costs nobody else anything', async (t) => {
  const product_id = await exchange.addProduct();
  const slow = createGrpcClient(port, null);
  const stream = slow.read('streamMarketData', { product_id, kinds: ['MARKET_DATA_KIND_EVENTS'] });
  const ended = new Promise<{ code: number }>((resolve) => stream.on('status', resolve));
  stream.on('error', () => {});
  await new Promise((resolve) => stream.once('readable', resolve));
  const other = collect(
    operator.read('streamMarketData', { product_id, kinds: ['MARKET_DATA_KIND_EVENTS'] }),
  );
  await until(() => other.messages.length > 0);
  const orders = operator.duplex('streamOrders');
  const answers = collect(orders);
  // More than the kernel and HTTP/2 take.
  for (let i = 0; i < 30; i++) orders.write(batchOf(product_id, i, 1_000, 'ANSWER_WITH_ACCEPTANCE'));
  orders.end();
  t.is((await answers.ended).code, status.OK);
  const { body } = await exchange.anonymous.get(`/products/${product_id}/book`);
  await until(() => other.messages.at(-1).update?.sequence === body.sequence);
  // It has ten seconds to read what waits.
  await until(async () => {
    const { value } = await scrape(exchange.baseUrl);
    const route = '/cardstock.v1.Exchange/StreamMarketData';
    return (
      value('cardstock_http_request_duration_seconds_count', { method: 'GRPC', route, status: '429' }) === 1
    );
  });
  stream.resume();
  t.true([status.RESOURCE_EXHAUSTED, status.UNAVAILABLE].includes((await ended).code));
});

test('a client that sends batches and reads no answer is not read from', async (t) => {
  const product_id = await exchange.addProduct();
  const client = createGrpcClient(port, exchange.operatorToken);
  const stream = client.duplex('streamOrders');
  stream.on('error', () => {});
  let written = 0;
  const write = (): void => {
    while (written < 400 && stream.write(batchOf(product_id, written, 500))) written++;
    if (written < 400) stream.once('drain', write);
  };
  write();
  // What is not read any more is soon not written any more.
  let [before, restedSince] = [0, Date.now()];
  await until(() => {
    if (written !== before) [before, restedSince] = [written, Date.now()];
    return written > 20 && Date.now() - restedSince > 1_000;
  });
  t.true(written < 400, `${written} batches were read`);
  stream.cancel();
  client.close();
});

test('told to stop, the process answers what it took, takes no more, and says so', async (t) => {
  const product_id = await exchange.addProduct();
  const api = await exchange.start('api', { GRPC_PORT: '0' });
  const client = createGrpcClient(await portOf(api, 'serving gRPC'), exchange.operatorToken);
  const market = collect(client.read('streamMarketData', { product_id }));
  const stream = client.duplex('streamOrders');
  const { messages, ended } = collect(stream);
  let isOver = false;
  const send = async (): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      stream.write(batchOf(product_id, i, 10));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  void send();
  await until(() => messages.length > 20 && market.messages.length > 1);
  const stopping = stopProcess(api);
  const how = await ended;
  isOver = true;
  t.deepEqual([how.code, (await market.ended).code], [status.UNAVAILABLE, status.UNAVAILABLE]);
  t.is(how.message, 'The process is stopping: connect again; what was not answered was not taken');
  await stopping;
  t.is(api.child.exitCode, 0);
  await assertAllRecorded(t, product_id, messages);
});

/** Every order that there is was answered. */
async function assertAllRecorded(
  t: ExecutionContext,
  product_id: string,
  messages: Message[],
): Promise<void> {
  const answered = messages.flatMap(({ verdicts }) => verdicts.results.map(({ order }: Message) => order.id));
  let recorded = 0;
  for (let trader = 1; trader <= 50; trader++) {
    const { body } = await exchange.operator.get(
      `/orders?trader_id=${trader}&product_id=${product_id}&status=all&limit=1000`,
    );
    recorded += body.length;
  }
  t.is(recorded, answered.length);
}

test('workers share the port, and a roll of them breaks no call', async (t) => {
  const api = await exchange.start('api', { GRPC_PORT: '0', API_WORKERS: '2' });
  const shared = await portOf(api, 'serving gRPC');
  const clients = Array.from({ length: 4 }, () => createGrpcClient(shared, null));
  const codes: number[] = [];
  let isOver = false;
  const asking = clients.map(async (client) => {
    while (!isOver) codes.push((await client.call('getProduct', { product_id: 'PIKACHU-USD' })).code);
  });
  await until(() => codes.length > 50);
  api.child.kill('SIGHUP');
  await until(() => api.lines.some((line) => line.includes('all workers are replaced')));
  const soFar = codes.length;
  await until(() => codes.length > soFar + 50);
  isOver = true;
  await Promise.all(asking);
  t.deepEqual([...new Set(codes)], [status.OK]);
});
