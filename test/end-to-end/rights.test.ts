// What each process may do, with the users and roles that every other test of a whole exchange runs with too.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { Redis } from 'ioredis';
import { bookKey, shardKeys } from '../../core/keys.ts';
import { type DatabaseProcess, databaseProcesses, databaseRights } from '../../sql/rights.ts';
import { withPostgres } from '../../sql/with-postgres.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { until } from '../support/until.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
  await exchange.start('notifier');
});
test.after.always(() => exchange?.stop());

test('orders trade, are settled and recorded, and operators act, by processes that may do no more than they need', async (t) => {
  const { operator } = exchange;
  await exchange.deposit(1, 'USD', '100.00');
  await exchange.deposit(2, 'VIBRANIUM', '10');
  const [buyer, seller] = [await exchange.trader(1), await exchange.trader(2)];
  const order = { product_id: 'VIBRANIUM-USD', price: '5.00', size: '2' };
  t.is((await seller.post('/orders', { ...order, side: 'sell' })).status, 200);
  const { body } = await buyer.post('/orders', { ...order, side: 'buy' });
  t.is(body.done_reason, 'filled');
  t.is((await buyer.get(`/fills?order_id=${body.id}`)).body.length, 1);
  t.like((await operator.get('/operations')).body[0], { path: '/deposits', status: 200 });
  await until(() => linesOf('notifier').some((line) => line.includes('"msg"')));
  for (const process of databaseProcesses)
    t.deepEqual(
      linesOf(process).filter((line) => /NOPERM|permission denied/.test(line)),
      [],
      process,
    );
});

const linesOf = (process: DatabaseProcess): string[] =>
  exchange.processes[process].flatMap(({ lines }) => [...lines]);

const statements: readonly [statement: string, mayBy: readonly DatabaseProcess[]][] = [
  ["update operations set path = '/nothing'", []],
  ['delete from operations', []],
  ['truncate operations', []],
  ['alter table operations disable trigger all', []],
  ['drop table operations', []],
  ['update trades set price = price + 1', []],
  ['delete from trades', []],
  ['insert into trades select * from trades', ['writer']],
  ["update orders set status = 'done' where false", ['writer']],
  ['update accounts set balance = balance where false', ['writer']],
  ['insert into ledger (sequence) select sequence from ledger where false', ['writer']],
  ['delete from ledger', []],
  ['update checkpoints set sequence = sequence where false', ['writer']],
  ['delete from frozen_traders where false', ['writer']],
  ['select add_partition(1, 2)', ['writer']],
  ['create table mine (id integer)', []],
  ['select password from people limit 1', ['api']],
  ['select secret from api_keys limit 1', ['api']],
  ['select sha256 from tokens limit 1', ['api']],
  ['update traders set frozen_at = frozen_at where false', ['api']],
  ['update traders set trader_id = trader_id where false', []],
  ["update messages set text = 'another' where false", ['api']],
  ['update messages set trader_id = trader_id where false', []],
  ['delete from messages where false', []],
  ['delete from traders where false', []],
  ['update products set status = status where false', ['api', 'matcher']],
  ['update products set max_price = max_price where false', ['api']],
  ['delete from halts where false', ['matcher']],
  ["insert into halts values (1, 'PIKACHU-USD')", ['writer']],
  ['delete from products where false', []],
  ['delete from notices where false', ['notifier']],
  ["copy people to program 'true'", []],
  ['set role cardstock', []],
];

for (const [statement, mayBy] of statements)
  test(`${statement}: ${mayBy.length > 0 ? `for ${mayBy}` : 'for no process'}`, async (t) => {
    for (const process of databaseProcesses)
      await withPostgres(exchange.addressesFor(process).DATABASE_URL!, async (client) => {
        await client.query('begin');
        const outcome = await client.query(statement).then(
          () => 'done',
          ({ code }: { code: string }) => code,
        );
        if (mayBy.includes(process)) t.not(outcome, '42501', process);
        else t.is(outcome, '42501', process);
        await client.query('rollback');
      });
  });

test('every table is for a process, or for the owner alone', async (t) => {
  const ownersAlone = ['announcements', 'migrations'];
  const named = Object.values(databaseRights).flatMap(({ reads, adds = [] }) => [...reads, ...adds]);
  const found = await withPostgres(exchange.databaseUrl, (client) =>
    client.query<{ name: string }>(
      `select relname as name from pg_class
       where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p', 'v') and not relispartition`,
    ),
  );
  t.deepEqual([...new Set([...named, ...ownersAlone])].sort(), found.rows.map(({ name }) => name).sort());
});

type Call = readonly [command: string, ...args: (string | number)[]];

function redisCalls(): readonly [call: Call, mayBy: readonly string[]][] {
  const keys = shardKeys(exchange.shard);
  const book = bookKey(exchange.shard, 'PIKACHU-USD', 'bids');
  return [
    [['HSET', keys.orders, 'none', 'nothing'], ['matcher']],
    [['HSET', keys.products, 'NONE-USD', 'nothing'], ['matcher']],
    [['HSET', `${keys.accounts}999999`, 'none', '0'], ['matcher']],
    [['SADD', keys.frozen, '999999'], ['matcher']],
    [['SREM', keys.frozen, '999999'], ['matcher']],
    [['ZADD', `${book}:none`, '0', 'none'], ['matcher']],
    [['DEL', `${keys.accounts}999999`, `${book}:none`], ['matcher']],
    [['XADD', keys.dead, 'NOMKSTREAM', '*', 'sequence', '0'], ['writer']],
    [['XTRIM', keys.events, 'MINID', '0'], ['writer']],
    [
      ['HGET', keys.state, 'sequence'],
      ['api', 'matcher', 'writer'],
    ],
    [['HGET', keys.orders, '1'], ['matcher']],
    [['XADD', keys.rooms, 'NOMKSTREAM', '*', 'product', 'NONE-USD'], ['api']],
    [['GET', 'anything'], []],
    [['SET', 'anything', '1'], []],
    [['FLUSHALL'], []],
    [['KEYS', '*'], []],
    [['CONFIG', 'GET', '*'], []],
    [['ACL', 'LIST'], []],
    [['SHUTDOWN', 'ABORT'], []],
    [['EVAL', "return redis.call('DEL', KEYS[1])", 1, keys.events], []],
    [
      ['PUBLISH', keys.persisted, '0'],
      ['api', 'writer'],
    ], // who may hear a channel may speak on it
  ];
}

test('in Redis each process touches its own keys by its own commands', async (t) => {
  for (const process of ['api', 'matcher', 'writer'] as const) {
    const redis = new Redis(exchange.addressesFor(process).REDIS_URL!);
    t.teardown(() => redis.disconnect());
    for (const [[command, ...args], mayBy] of redisCalls()) {
      const outcome = await redis.call(command, ...args).then(
        () => 'done',
        (error: Error) => error.message,
      );
      const what = `${process}: ${command} ${args}: ${outcome}`;
      if (mayBy.includes(process)) t.notRegex(outcome, /^NOPERM/, what);
      else t.regex(outcome, /^NOPERM/, what);
    }
  }
});

test('npm run rights prints it all, and keeps the passwords that it made', async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/cardstock-rights-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const show = async (): Promise<string> => {
    const root = fileURLToPath(new URL('../../', import.meta.url));
    const script = ['scripts/rights.ts', 'show', folder];
    return (await promisify(execFile)(process.execPath, script, { cwd: root })).stdout;
  };
  const shown = await show();
  t.is(await show(), shown);
  t.true(shown.includes(`login nosuperuser`) && shown.includes(readFileSync(`${folder}/api`, 'utf8').trim()));
  t.regex(shown, /^user cardstock-matcher reset on #[0-9a-f]{64} ~\{\*\}:commands /m);
});
