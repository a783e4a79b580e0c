import test from 'ava';
import type { DatabasePool } from 'slonik';
import { shardKeys } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import { createSubmit } from '../../matcher/client.ts';
import { createAnnouncer } from '../../matcher/products.ts';
import { addShard, execute, freshDatabase, freshPool } from '../support/database.ts';
import { generous, matchAll, openEngine, readReports } from '../support/engine.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();
const log = createLog('test', 'silent');

test('rows that are new or changed are announced once each, others never', async (t) => {
  const { url, pool } = await freshPool(t);
  const shard = newShard();
  await addShard(url, shard, 5);
  const engine = await openEngine(redis, shard, 5 * 2 ** 44);
  const submit = createSubmit(redis, shard, generous);
  const announceNew = createAnnouncer({ pool, redis, submit, shard, log });
  const announce = async (): Promise<Record<string, string>> => {
    await announceNew();
    await matchAll(engine);
    return redis.hgetall(shardKeys(shard).products);
  };
  t.deepEqual(await announce(), {
    'A-USD': 'online 1 - makers:2500,size:1000',
    'B-USD': 'online 1 - makers:2500,size:1000',
  });
  t.deepEqual(await announce(), {
    'A-USD': 'online 1 - makers:2500,size:1000',
    'B-USD': 'online 1 - makers:2500,size:1000',
  });
  await execute(url, `update products set status = 'cancel_only' where product_id = 'A-USD'`);
  t.deepEqual(await announce(), {
    'A-USD': 'cancel_only 2 - makers:2500,size:1000',
    'B-USD': 'online 1 - makers:2500,size:1000',
  });
  await execute(url, `update products set base_max_size = 7 where product_id = 'B-USD'`);
  t.deepEqual(await announce(), {
    'A-USD': 'cancel_only 2 - makers:2500,size:1000',
    'B-USD': 'online 2 - makers:2500,size:7',
  });
  t.is((await readReports(engine)).length, 4);
});

test('rows are read only when one is new or changed', async (t) => {
  const { url, pool } = await freshPool(t);
  const shard = newShard();
  await addShard(url, shard, 5);
  await openEngine(redis, shard, 5 * 2 ** 44);
  let [reads, isAway] = [0, false];
  const counted = {
    one: pool.one.bind(pool),
    any: (query: never) => {
      reads += 1;
      return isAway ? Promise.reject(new Error('away')) : pool.any(query);
    },
  } as unknown as DatabasePool;
  const submit = createSubmit(redis, shard, generous);
  const announce = createAnnouncer({ pool: counted, redis, submit, shard, log });
  const readsOf = async (): Promise<number> => {
    reads = 0;
    await announce();
    return reads;
  };
  t.true((await readsOf()) > 0);
  t.is(await readsOf(), 0);
  await execute(url, `update products set max_makers = 7 where product_id = 'A-USD'`);
  isAway = true;
  await t.throwsAsync(announce());
  isAway = false;
  t.true((await readsOf()) > 0, 'what could not be read is still to be announced');
  t.is(await readsOf(), 0);
});

test('a funded product is announced with what a lot and a quote unit are in units of its currencies', async (t) => {
  const { url, pool } = await freshPool(t);
  const shard = newShard();
  await addShard(url, shard, 5);
  await execute(
    url,
    `insert into currencies (currency, name, kind, increment) values ('C', 'C', 'crypto', 0.5)`,
    `insert into products (product_id, shard, base_currency, quote_currency, quote_increment, base_increment,
        min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds, funded)
      values ('C-USD', '${shard}', 'C', 'USD', 0.05, 7, 0.05, 1.00, 7, 700, 0.35, 7.00, true)`,
  );
  const engine = await openEngine(redis, shard, 5 * 2 ** 44);
  await createAnnouncer({ pool, redis, submit: createSubmit(redis, shard, generous), shard, log })();
  await matchAll(engine);
  t.is(await redis.hget(shardKeys(shard).products, 'C-USD'), 'online 1 C:14:USD:35 makers:2500,size:100');
});

test('limits under which earlier orders would be worth too much are refused', async (t) => {
  const { url, drop } = await freshDatabase();
  t.teardown(drop);
  const limits = (price: string, size: string) =>
    execute(
      url,
      `update products set max_price = ${price}, base_max_size = ${size} where product_id = 'PIKACHU-USD'`,
    );
  await limits('10', '9007199254740');
  await limits('10', '1');
  await t.throwsAsync(limits('90000000', '1'), { message: /earlier limits/ });
  await limits('10.00', '9007199254740');
});

test('what stored prices and sizes mean cannot be changed', async (t) => {
  const { url, drop } = await freshDatabase();
  t.teardown(drop);
  for (const change of ['quote_increment = 0.1', 'base_increment = 0.5', `shard = 'other'`]) {
    const update = execute(url, `update products set ${change} where product_id = 'PIKACHU-USD'`);
    await t.throwsAsync(update, { message: /cannot change/ });
  }
});
