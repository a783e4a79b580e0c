import test from 'ava';
import type { Redis } from 'ioredis';
import { matchAll, openEngine, readReports, submitAll } from '../support/engine.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { replayNaively } from '../support/history.ts';
import { runLoad } from '../support/load.ts';
import { useRedis } from '../support/redis.ts';
import { sameAsNaive } from '../support/same-as-naive.ts';
import { seed } from '../support/seed.ts';
import { readStored } from '../support/stored.ts';

const { redis, newShard } = useRedis();
let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange({ matchers: 2, writers: 2, env: { API_WORKERS: '2' } });
});
test.after.always(() => exchange?.stop());

test('a hundred clients at once get what the naive book gives them, with two of each process', async (t) => {
  t.log(`SEED=${seed}`);
  const funded = await exchange.addProduct({ funded: true, stp: 'dc' });
  const products = [await exchange.addProduct({ stp: 'dc' }), await exchange.addProduct(), funded];
  const currencies = funded.split('-');
  const seen = await runLoad(exchange, { products, currencies, clients: 100, requests: 25, seed });
  const { commands, trades } = await sameAsNaive(t, exchange, seen);
  t.log(`${commands.length} commands, ${trades.length} trades`);
  t.true(trades.length > 500);

  const once = await replay(redis, newShard(), { commands, runSize: 7, entrySizes: [1, 3, 50] });
  const again = await replay(redis, newShard(), { commands, runSize: 500, entrySizes: [1_000] });
  t.deepEqual(once, again, 'the same sequence gives the same again, however it is cut into runs');
  t.deepEqual(once.reports, replayNaively(commands).reports);
});

const allTraders = Array.from({ length: 101 }, (_, traderId) => traderId);

type Sequence = {
  readonly commands: Parameters<typeof submitAll>[1];
  readonly runSize: number;
  readonly entrySizes: readonly number[];
};

async function replay(redis: Redis, shard: string, { commands, runSize, entrySizes }: Sequence) {
  const engine = await openEngine(redis, shard);
  await submitAll(engine, commands, entrySizes);
  await matchAll(engine, runSize);
  const products = [...replayNaively(commands).naive.products.keys()];
  return { reports: await readReports(engine), stored: await readStored(engine, products, allTraders) };
}
