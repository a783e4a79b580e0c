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
