import { randomBytes } from 'node:crypto';
import { createLog } from '../../core/log.ts';
import { addShard } from '../../sql/add-shard.ts';
import { openPool } from '../../sql/pool.ts';
import { type Exchange, startExchange } from './exchange.ts';
import { killProcess, type ProcessName, type Started } from './processes.ts';
import { until } from './until.ts';

/** An exchange of two shards, each with processes of its own. */
export type TwoShards = {
  readonly exchange: Exchange;
  readonly second: string;
  /** Starts the matcher or the writer of a shard. */
  readonly serve: (name: 'matcher' | 'writer', shard: string) => Promise<Started>;
  /** Kills it without warning. */
  readonly kill: (name: 'matcher' | 'writer', shard: string) => Promise<void>;
  readonly stop: () => Promise<void>;
};

const product = {
  quote_increment: '1',
  base_increment: '1',
  max_price: '1000',
  base_max_size: '1000',
  funded: true,
};

/** `USD` and `B` are in both shards, `A` in the first alone. */
export async function startTwoShards(env: NodeJS.ProcessEnv = {}): Promise<TwoShards> {
  const exchange = await startExchange({ matchers: 0, writers: 0, env });
  const second = `test-${randomBytes(6).toString('hex')}`;
  const running = new Map<string, Started>();
  const serve: TwoShards['serve'] = async (name, shard) => {
    const started = await exchange.start(name, { SHARD: shard });
    running.set(`${name} ${shard}`, started);
    return started;
  };
  const pool = await openPool(exchange.databaseUrl, createLog('test', 'silent'), {
    maxPoolSize: 1,
    statementTimeout: 5_000,
  });
  await addShard(pool, second);
  await pool.end();
  const names = ['matcher', 'writer'] as const satisfies readonly ProcessName[];
  await Promise.all([exchange.shard, second].flatMap((shard) => names.map((name) => serve(name, shard))));
  const { operator } = exchange;
  const products = { 'A-USD': exchange.shard, 'B-USD': second, 'B-A': exchange.shard };
  // An api learns of a shard within a second, and of its matcher when that is there.
  for (const [id, shard] of Object.entries(products))
    await until(async () => (await operator.post('/products', { ...product, id, shard })).status === 200);
  await until(async () => {
    const { body } = await operator.get('/products');
    return Object.keys(products).every((id) => body.some((known: { id: string }) => known.id === id));
  });
  return {
    ...{ exchange, second, serve },
    kill: (name, shard) => killProcess(running.get(`${name} ${shard}`)!),
    stop: async () => {
      await Promise.all(Object.values(exchange.processes).flat().map(killProcess));
      for await (const keys of exchange.redis.scanStream({ match: `{${second}}:*`, count: 10_000 }))
        if (keys.length > 0) await exchange.redis.unlink(...keys);
      await exchange.stop();
    },
  };
}
