import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { createLog } from '../../core/log.ts';
import { noRules } from '../../core/product.ts';
import type { Command, Place } from '../../core/wire/commands.ts';
import { openPool } from '../../sql/pool.ts';
import { addShard, execute, freshDatabase } from '../support/database.ts';
import { openEngine, play } from '../support/engine.ts';
import { useRedis } from '../support/redis.ts';
import { persistedThrough, startWriter } from '../support/writer.ts';

const { redis, newShard } = useRedis();
const run = promisify(execFile);
const start = 6 * 2 ** 44;
const id = (offset: number): number => start + offset;

const funding = { baseCurrency: 'F', baseUnits: 1, quoteCurrency: 'USD', quoteUnits: 1 };
const at = { time: Date.UTC(2026, 0, 2, 3, 4, 5), requestId: null };
const deposit = (traderId: number, currency: string, amount: number): Command => ({
  ...{ ...at, kind: 'deposit', traderId, currency, amount, transferId: `to-${traderId}` },
  requestId: `money-for-${traderId}`,
});
const place = (order: Pick<Place, 'traderId' | 'side' | 'price' | 'size' | 'requestId'>): Command => ({
  ...{ ...at, kind: 'place', productId: 'F-USD', funds: null, timeInForce: 'GTC', postOnly: false },
  ...{
    selfTradePrevention: 'dc',
    stop: null,
    stopPrice: null,
    expireTime: null,
    maxFloor: null,
    clientOid: null,
  },
  ...order,
});

const commands: Command[] = [
  { ...at, kind: 'product', productId: 'F-USD', status: 'online', version: 1, funding, rules: noRules },
  deposit(1, 'F', 10),
  deposit(2, 'USD', 1_000),
  place({ traderId: 1, side: 'sell', price: 60, size: 5, requestId: 'ask' }),
  place({ traderId: 2, side: 'buy', price: 70, size: 3, requestId: 'bid' }),
  { ...at, kind: 'cancel', traderId: 1, orderId: id(4), productId: null, requestId: 'enough' },
];

let trace: (subject: string) => Promise<string>;
let dropDatabase = async (): Promise<void> => {};
test.after.always(() => dropDatabase());
test.before(async () => {
  const { url, drop } = await freshDatabase();
  dropDatabase = drop;
  const pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 1, statementTimeout: 5_000 });
  const shard = newShard();
  await addShard(url, shard, 6);
  await execute(
    url,
    `insert into currencies (currency, name, kind, increment) values ('F', 'F', 'crypto', 1)`,
    `insert into products (product_id, shard, base_currency, quote_currency, funded, quote_increment, base_increment,
      min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
      values ('F-USD', '${shard}', 'F', 'USD', true, 0.01, 1, 0.01, 10, 1, 100, 0.01, 1000)`,
  );
  const writer = await startWriter(url, shard);
  await play(await openEngine(redis, shard, start), commands);
  await persistedThrough(pool, shard, id(commands.length));
  await writer.stop();
  await pool.end();
  trace = async (subject) => {
    const env = { ...process.env, DATABASE_URL: url };
    return (await run(process.execPath, ['scripts/trace.ts', subject], { env })).stdout;
  };
});

/** The lines without their sequences and times. */
const happenings = (output: string): string[] =>
  output
    .split('\n')
    .filter((line) => line.startsWith(' '))
    .map((line) => line.replace(/^ +\d* +(\S+Z)? +/, ''));

test('an order is followed from its request through its trades and the ledger to its end', async (t) => {
  t.deepEqual(happenings(await trace(String(id(4)))), [
    'placed by trader 1: sell 5 of F-USD at 0.60, GTC   [request ask]',
    `trade 1 as maker: 3 at 0.60 with order ${id(5)} of trader 2   [request bid]`,
    'ledger 6: trader 1 USD 1.80, balance 1.80',
    'ledger 7: trader 1 F -3, balance 7',
    `cancel 1 ${id(4)} - 1767323045000 enough   [request enough]`,
    'done (canceled): 3 filled for 1.80',
  ]);
});

test('a request leads to its order, and a trade to both', async (t) => {
  t.is(await trace('ask'), await trace(String(id(4))));
  const output = await trace('F-USD:1');
  t.true(output.includes(`Order ${id(5)}\n`) && output.includes(`Order ${id(4)}\n`));
});

test('a deposit shows both sides of the ledger', async (t) => {
  t.deepEqual(happenings(await trace('money-for-2')), [
    'deposit to-2 of 10.00 USD, trader 2   [request money-for-2]',
    'ledger 3: trader 0 USD -10.00, balance -10.00',
    'ledger 4: trader 2 USD 10.00, balance 10.00',
  ]);
});

test('what is not there is said, and is an error', async (t) => {
  const error = await t.throwsAsync(trace('nobody'));
  t.regex(
    (error as unknown as { stderr: string }).stderr,
    /PostgreSQL has no order, trade or request nobody/,
  );
});
