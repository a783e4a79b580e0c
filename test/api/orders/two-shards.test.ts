import { randomBytes } from 'node:crypto';
import test from 'ava';
import { sleep } from '../../../core/lifecycle.ts';
import { createLog } from '../../../core/log.ts';
import { shardNumberOf } from '../../../core/order.ts';
import { addShard } from '../../../sql/add-shard.ts';
import { openPool } from '../../../sql/pool.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import { type Client, createClient } from '../../support/http.ts';
import { killProcess, portOf } from '../../support/processes.ts';
import { until } from '../../support/until.ts';

const second = `test-${randomBytes(6).toString('hex')}`;
const product = { quote_increment: '0.01', base_increment: '1', max_price: '1000', base_max_size: '1000' };

let exchange: Exchange;
/** Two apis. */
let [one, other]: Client[] = [];

test.before(async () => {
  exchange = await startExchange({ env: { SHARD: '*' } });
  const pool = await openPool(exchange.databaseUrl, createLog('test', 'silent'), {
    maxPoolSize: 1,
    statementTimeout: 5_000,
  });
  await addShard(pool, second);
  await pool.end();
  const third = await exchange.start('api', { PORT: '0' });
  one = exchange.operator;
  other = createClient(`http://127.0.0.1:${await portOf(third)}`, exchange.operatorToken);
  await until(
    async () => (await one!.post('/products', { id: 'B-USD', shard: second, ...product })).status === 200,
  );
  await one.post('/products', { id: 'A-USD', ...product });
  for (const client of [one, other])
    await until(async () => {
      const answers = await Promise.all(['A', 'B'].map((card) => client.get(`/products/${card}-USD`)));
      return answers.every(({ status }) => status === 200);
    });
});
test.after.always(async () => {
  await Promise.all(Object.values(exchange.processes).flat().map(killProcess));
  for await (const keys of exchange.redis.scanStream({ match: `{${second}}:*`, count: 10_000 }))
    if (keys.length > 0) await exchange.redis.unlink(...keys);
  await exchange.stop();
});

const order = (card: 'A' | 'B', more = {}) => ({
  ...{ trader_id: 1, product_id: `${card}-USD`, side: 'buy', price: '1.00', size: '1' },
  ...more,
});

test.serial(
  'an all-or-none batch is for one shard, and a repeat there is one whichever holds its ids',
  async (t) => {
    const across = await one!.post('/orders/batch', {
      all_or_none: true,
      orders: [order('A'), order('B')],
    });
    t.is(across.status, 400);
    t.regex(across.body.message, /^Invalid all_or_none: the products are of several shards/);
    for (const card of ['A', 'B'] as const) {
      const named = (name: string) => order(card, { client_oid: `together-${card}-${name}` });
      const asked = { all_or_none: true, orders: [named('1'), named('2')] };
      const first = await one!.post('/orders/batch', asked);
      t.deepEqual(
        first.body.map(({ status }: { status: string }) => status),
        ['open', 'open'],
      );
      for (const client of [one!, other!])
        t.deepEqual((await client.post('/orders/batch', asked)).body, first.body);
      const partly = await other!.post('/orders/batch', { ...asked, orders: [named('3'), named('1')] });
      t.is(partly.status, 400);
      t.regex(partly.body.message, /^Duplicate client_oid: some orders/);
    }
  },
);

test.serial('a batch for two shards is in order within each, and says so', async (t) => {
  const cards = ['A', 'B', 'B', 'A', 'B'] as const;
  const { status, body, headers } = await one!.post(
    '/orders/batch',
    cards.map((card) => order(card)),
  );
  t.is(status, 200);
  t.is(headers.get('cardstock-batch-shards'), `${exchange.shard}, ${second}`);
  const ids: number[] = body.map(({ id }: { id: string }) => Number(id));
  t.deepEqual(ids.map(shardNumberOf), [0, 1, 1, 0, 1]);
  t.deepEqual([ids[3]! - ids[0]!, ids[2]! - ids[1]!, ids[4]! - ids[2]!], [1, 1, 1]);
  const alone = await one!.post('/orders/batch', [order('A')]);
  t.is(alone.headers.get('cardstock-batch-shards'), null);

  const taken = await one!.post(
    '/orders/batch',
    cards.map((card) => order(card)),
    { prefer: 'respond-async' },
  );
  t.is(taken.status, 202);
  t.deepEqual(
    taken.body.shards.map(({ shard, count }: { shard: string; count: number }) => [shard, count]),
    [
      [exchange.shard, 2],
      [second, 3],
    ],
  );
  t.is(taken.body.count, 5);
  const malformed = await one!.post('/orders/batch', [order('A'), order('B', { price: 'much' })]);
  t.is(malformed.status, 400);
});

test.serial(
  'orders of two shards come newest first, in pages that cursors lead through both ways',
  async (t) => {
    const mine = { trader_id: 3 };
    const cards = ['A', 'B', 'B', 'A', 'A', 'B', 'A', 'B', 'B'] as const;
    const ids: string[] = [];
    for (const card of cards) ids.unshift((await one!.post('/orders', order(card, mine))).body.id);
    const list = (query: string) => one!.get(`/orders?trader_id=3&${query}`);
    const idsOf = ({ body }: { body: { id: string }[] }) => body.map(({ id }) => id);
    const all = await list('');
    const times = all.body.map(({ created_at }: { created_at: string }) => created_at);
    t.deepEqual(times, times.toSorted().reverse());
    t.deepEqual(idsOf(all).toSorted(), ids.toSorted());
    const walk = async (query: string, way: 'after' | 'before') => {
      const pages: string[][] = [];
      for (let at = ''; ; ) {
        const page = await list(`${query}&limit=2${at}`);
        if (page.body.length === 0) return pages;
        pages.push(idsOf(page));
        at = `&${way}=${page.headers.get(`cb-${way}`)}`;
      }
    };
    t.deepEqual((await walk('', 'after')).flat(), idsOf(all));
    t.deepEqual((await walk('sorting=asc', 'after')).flat(), idsOf(all).reverse());
    t.deepEqual((await walk('status=open&status=done', 'after')).flat(), idsOf(all));
    const [first, last] = [all.headers.get('cb-before'), all.headers.get('cb-after')];
    const up: string[] = [];
    for (let at = last; ; ) {
      const page = await list(`limit=2&before=${at}`);
      if (page.body.length === 0) break;
      up.unshift(...idsOf(page));
      at = page.headers.get('cb-before');
    }
    t.deepEqual(up, idsOf(all).slice(0, -1));
    t.deepEqual(
      idsOf(await list(`before=${idsOf(all)[4]}`)),
      idsOf(all).slice(0, 4),
      'an id is a cursor too',
    );
    t.deepEqual(idsOf(await list(`after=${idsOf(all)[4]}`)), idsOf(all).slice(5));
    t.is((await list('after=1:x')).status, 400);

    const later = [
      await one!.post('/orders', order('B', mine)),
      await one!.post('/orders', order('A', mine)),
    ];
    t.deepEqual(idsOf(await list(`before=${first}`)), later.map(({ body }) => body.id).reverse());
    t.deepEqual(idsOf(await list(`after=${last}`)), []);
    const onlyB = idsOf(all).filter((id) => shardNumberOf(Number(id)) === 1);
    t.deepEqual(
      idsOf(await list(`product_id=B-USD&before=${last}`)).slice(1),
      onlyB.slice(0, later.length + 9),
    );
  },
);

type Outcome = { readonly id?: string; readonly message?: string };

test.serial(
  'of ten thousand pairs of orders with one client_oid, sent at once to two shards by two apis, one each is taken',
  async (t) => {
    const [size, batches] = [1_000, 10];
    // Ten thousand answers held against the description would take longer than all else.
    const port = await portOf(exchange.processes.api[1]!);
    const clients = [exchange.baseUrl, `http://127.0.0.1:${port}`].map((url) =>
      createClient(url, exchange.operatorToken, () => {}),
    );
    const send = async (client: Client, card: 'A' | 'B', batch: number): Promise<Outcome[]> => {
      const orders = Array.from({ length: size }, (_, i) =>
        order(card, { trader_id: 2, client_oid: `pair-${batch * size + i}` }),
      );
      const { status, body } = await client.post('/orders/batch', orders);
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body;
    };
    const won = { A: 0, B: 0, neither: 0, both: 0 };
    for (let batch = 0; batch < batches; batch++) {
      const [first, last] = batch % 2 === 0 ? clients : clients.toReversed();
      // The way to the second shard is longer; so each is the first now and then.
      const late = async () => sleep(3 * batch).then(() => send(first!, 'A', batch));
      const [inA, inB] = await Promise.all([late(), send(last!, 'B', batch)]);
      for (let i = 0; i < size; i++) {
        const [isA, isB] = [inA[i]!.id !== undefined, inB[i]!.id !== undefined];
        won[isA && isB ? 'both' : isA ? 'A' : isB ? 'B' : 'neither']++;
        const { message } = isA ? inB[i]! : inA[i]!;
        if (message !== 'Duplicate client_oid') t.fail(message);
      }
    }
    t.log(won);
    t.deepEqual([won.A + won.B, won.both, won.neither], [size * batches, 0, 0]);
    const [again] = await send(clients[0]!, 'A', 0);
    const [alsoAgain] = await send(clients[1]!, 'B', 0);
    t.is([again, alsoAgain].filter((outcome) => outcome!.id !== undefined).length, 1, 'a repeat is found');
    const named = await other!.get('/orders/client:pair-17?trader_id=2');
    t.is(named.body.client_oid, 'pair-17');
  },
);
