import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { shardKeys } from '../../../core/keys.ts';
import { execute } from '../../support/database.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';
import type { Client } from '../../support/http.ts';
import { seed } from '../../support/seed.ts';
import { until } from '../../support/until.ts';

// A page that is answered from memory is what PostgreSQL would answer.

let exchange: Exchange;
const clients = new Map<number, Client>();
const traders = [1, 2, 3];

test.before(async () => {
  exchange = await startExchange();
  for (const id of traders) clients.set(id, await exchange.trader(id));
});
test.after.always(() => exchange?.stop());

const askedFirst = '/orders?status=all&limit=50';

/** The first look at a trader may not be kept, as what came before it may have concerned the trader. */
async function lookUntilKept(trader: Client): Promise<void> {
  for (let i = 0; i < 3; i++) await trader.get(askedFirst);
}

test.serial(
  'the same page is answered without a look at PostgreSQL until something concerns its trader',
  async (t) => {
    const product = await exchange.addProduct();
    const [alice, bob] = [clients.get(1)!, clients.get(2)!];
    const order = { product_id: product, price: '2.00', size: '2' };
    const { id } = (await alice.post('/orders', { ...order, side: 'sell' })).body;
    await lookUntilKept(alice);
    // What no command did is not noticed, which shows where the page comes from.
    await execute(exchange.databaseUrl, `update orders set client_oid = 'changed' where id = ${id}`);
    const kept = await alice.get(askedFirst);
    t.like(kept.body[0], { id, status: 'open', filled_size: '0' });
    t.is(kept.body[0].client_oid, undefined);
    t.is(kept.headers.get('cb-after'), id);
    t.is((await alice.get('/orders?status=all&limit=49')).body[0].client_oid, 'changed');

    await bob.post('/orders', { ...order, side: 'buy', size: '1' });
    // On a busy machine what another did may be seen a moment later.
    const isFilled = async () => (await alice.get(askedFirst)).body[0].filled_size === '1';
    await until(isFilled);
    t.like((await alice.get(askedFirst)).body[0], { id, filled_size: '1', client_oid: 'changed' });
  },
);

test.serial('a page goes when an order of its trader expires, which nobody commands', async (t) => {
  const product = await exchange.addProduct();
  const alice = clients.get(3)!;
  const expire_time = new Date(Date.now() + 3_000).toISOString();
  const order = {
    product_id: product,
    side: 'sell',
    price: '2.00',
    size: '1',
    time_in_force: 'GTT',
    expire_time,
  };
  const { id } = (await alice.post('/orders', order)).body;
  await lookUntilKept(alice);
  await until(async () => (await alice.get(`/orders/${id}`)).body.status === 'done');
  t.like((await alice.get(askedFirst)).body[0], { id, status: 'done' });
});

type Action = {
  readonly trader: number;
  readonly act: 'place' | 'amend' | 'cancel' | 'cancel all';
  readonly pick: number;
};

const actions = fc.array(
  fc.record({
    trader: fc.constantFrom(...traders),
    act: fc.constantFrom<Action['act'][]>(
      'place',
      'place',
      'place',
      'place',
      'amend',
      'cancel',
      'cancel all',
    ),
    pick: fc.nat(999),
  }),
  { minLength: 40, maxLength: 60 },
);

const kinds: readonly object[] = [
  {},
  { time_in_force: 'IOC' },
  { type: 'market', price: undefined },
  { stop_price: '2.00' },
  { stp: 'cn' },
  { stp: 'co', price: '2.00' },
];

function orderFor(product: string, pick: number): object {
  const side = pick % 2 === 0 ? 'buy' : 'sell';
  const usual = {
    product_id: product,
    side,
    price: ['1.99', '2.00', '2.01'][pick % 3],
    size: String(1 + (pick % 4)),
  };
  return { ...usual, ...kinds[pick % kinds.length] };
}

/** Says whether it placed an order. */
async function act(product: string, open: string[], { trader, act, pick }: Action): Promise<boolean> {
  const client = clients.get(trader)!;
  const id = open[pick % Math.max(open.length, 1)] ?? '1';
  if (act === 'place') {
    const placed = (await client.post('/orders', orderFor(product, pick))).body.id;
    open.push(placed ?? '1');
    return placed !== undefined;
  }
  if (act === 'amend') await client.put(`/orders/${id}`, { size: String(1 + (pick % 5)), price: '2.00' });
  else if (act === 'cancel') await client.delete(`/orders/${id}`);
  else await client.delete(`/orders?product_id=${product}`);
  return false;
}

/** All that was taken is in PostgreSQL, so that no answer is the older one for want of it. */
async function allIsStored(): Promise<void> {
  const { state } = shardKeys(exchange.shard);
  await until(async () => {
    const [sequence, persisted] = await exchange.redis.hmget(state, 'sequence', 'persisted');
    return sequence === persisted;
  });
}

/** Whether a kept page is as one that nobody asked for before. */
async function isAsNew(client: Client, asked: number): Promise<boolean> {
  const kept = await client.get(askedFirst);
  const read = await client.get(`${askedFirst}&end_date=${new Date(4e12 + asked).toISOString()}`);
  return isDeepStrictEqual(kept.body, read.body);
}

test.serial('after whatever traders do to each other, kept pages are as new ones', async (t) => {
  let asked = 0;
  const property = fc.asyncProperty(actions, async (all) => {
    const product = await exchange.addProduct();
    const open: string[] = [];
    for (const one of all) {
      const isPlaced = await act(product, open, one);
      for (const [trader, client] of clients) {
        if (await isAsNew(client, asked++)) continue;
        // On a busy machine a page may lack what others did a moment ago, but never what its trader did.
        t.false(isPlaced && trader === one.trader, `trader ${trader} does not see an order of its own`);
        await allIsStored();
        await until(() => isAsNew(client, asked++), { withinMs: 5_000 });
      }
    }
  });
  await fc.assert(property, { numRuns: Number(process.env.FUZZ_RUNS ?? 1), seed, endOnFailure: true });
  t.true(asked > 0);
});
