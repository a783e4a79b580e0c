import test, { type ExecutionContext } from 'ava';
import { sql } from 'slonik';
import { z } from 'zod';
import { openShard } from '../../../api/shard/open.ts';
import type { Shard } from '../../../api/shard/shard.ts';
import { createShards } from '../../../api/shard/shards.ts';
import type { Finishing } from '../../../api/transfers/between/finish.ts';
import { finishShardTransfer } from '../../../api/transfers/between/finish.ts';
import { moveBetweenShards } from '../../../api/transfers/between/move.ts';
import type { AskedShardTransfer } from '../../../api/transfers/between/record.ts';
import { createFindTransfer } from '../../../api/transfers/find-transfer.ts';
import { findShardTransfer } from '../../../api/transfers/queries/shard-transfers.ts';
import { systemTrader } from '../../../core/accounts.ts';
import { type Config, readConfig } from '../../../core/config.ts';
import { sleep } from '../../../core/lifecycle.ts';
import { createLog } from '../../../core/log.ts';
import { audit } from '../../../scripts/ops/audit/audit.ts';
import { openPool } from '../../../sql/pool.ts';
import { withTimeout } from '../../../sql/with-timeout.ts';
import { execute } from '../../support/database.ts';
import { type Client, createClient } from '../../support/http.ts';
import { scrape } from '../../support/metrics.ts';
import { portOf } from '../../support/processes.ts';
import { startTwoShards, type TwoShards } from '../../support/two-shards.ts';
import { until } from '../../support/until.ts';

let two: TwoShards;
let operator: Client;
let first: string;
let second: string;
/** As an api process has it, in this one. */
let api: Finishing & { readonly config: Config };
const closing: (() => Promise<unknown>)[] = [];

test.before(async () => {
  two = await startTwoShards({ WAIT_TIMEOUT_MS: '2000', READ_TIMEOUT_MS: '2000' });
  operator = two.exchange.operator;
  [first, second] = [two.exchange.shard, two.second];
  api = await openApi();
});
test.after.always(async () => {
  for (const close of closing) await close();
  await two?.stop();
});

async function openApi(): Promise<typeof api> {
  const config = readConfig({ ...two.exchange.addressesFor('api'), WAIT_TIMEOUT_MS: '60000' });
  const log = createLog('test', 'silent');
  const pool = await openPool(config.databaseUrl, log, { maxPoolSize: 4, statementTimeout: 5_000 });
  const shards = createShards();
  for (const [number, name] of [first, second].entries()) {
    const { shard, started } = openShard({ config, pool, log, name });
    await started;
    shards.add(shard, number);
    closing.push(shard.close);
  }
  closing.push(() => pool.end());
  const reads = withTimeout(pool, 5_000);
  return { config, shards, pool: reads, findTransfer: createFindTransfer(reads) };
}

let made = 100;
/** Traders and an id that no other test has. */
const between = (changes: Record<string, unknown> = {}) => ({
  ...{
    from_trader_id: ++made,
    to_trader_id: ++made,
    currency: 'USD',
    amount: '10',
    transfer_id: `b-${made}`,
  },
  ...{ from_shard: first, to_shard: second },
  ...changes,
});
async function deposit(traderId: number, shard: string, amount: string, currency = 'USD'): Promise<void> {
  const body = { trader_id: traderId, currency, amount, shard, transfer_id: `in-${++made}` };
  const { status } = await operator.post('/deposits', body);
  if (status !== 200) throw new Error('nothing was deposited');
}
async function balanceOf(traderId: number, currency = 'USD'): Promise<number> {
  return Number((await operator.get(`/accounts/${traderId}-${currency}`)).body.balance);
}
/** How many transfers an api says are under way, and the age of the oldest. */
async function pending(): Promise<(number | undefined)[]> {
  const { value } = await scrape(two.exchange.baseUrl);
  return ['cardstock_pending_shard_transfers', 'cardstock_pending_shard_transfer_age_seconds'].map((name) =>
    value(name),
  );
}
const statusOf = async (id: string): Promise<string> => (await operator.get(`/transfers/${id}`)).body.status;

test.serial('a transfer between shards does both halves, and is shown to both traders', async (t) => {
  const asked = between();
  const [from, to] = [asked.from_trader_id, asked.to_trader_id];
  await deposit(from, first, '25');
  const { status, body } = await operator.post('/transfers', asked);
  t.is(status, 200);
  t.like(body, {
    ...{ id: asked.transfer_id, type: 'internal_withdraw', amount: '10.00', account_id: `${from}-USD` },
    ...{ status: 'done', from_shard: first, to_shard: second, canceled_at: null, reject_reason: null },
  });
  t.truthy(body.completed_at);
  t.deepEqual([await balanceOf(from), await balanceOf(to)], [15, 10]);
  t.deepEqual((await operator.post('/transfers', asked)).body, body);
  t.deepEqual((await operator.get(`/transfers/${asked.transfer_id}`)).body, body);
  const [payer, receiver, other] = await Promise.all([from, to, 1].map(two.exchange.trader));
  const path = `/transfers/${asked.transfer_id}`;
  t.is((await payer!.get(path)).body.type, 'internal_withdraw');
  t.like((await receiver!.get(path)).body, { type: 'internal_deposit', account_id: `${to}-USD` });
  t.is((await other!.get(path)).status, 404);
  t.is((await operator.get('/transfers/none')).status, 404);
  const halves = await Promise.all([payer!, receiver!].map((client) => client.get('/transfers')));
  t.deepEqual(
    halves.map((list) => list.body.map(({ id, type }: Record<string, string>) => `${id} ${type}`)[0]),
    [`${asked.transfer_id} withdraw`, `${asked.transfer_id} deposit`],
  );
});

test.serial('a trader may move its own, and what is wrong is refused before anything is noted', async (t) => {
  const own = between();
  const trader = own.from_trader_id;
  await deposit(trader, first, '10');
  const { status, body } = await operator.post('/transfers', { ...own, to_trader_id: trader });
  t.deepEqual([status, body.status], [200, 'done']);
  t.is(await balanceOf(trader), 10);
  const wrong: [changes: Record<string, unknown>, message: string][] = [
    [{ to_shard: undefined }, 'Invalid to_shard: required where the other one is given'],
    [{ from_shard: 'x' }, `Invalid from_shard: USD is in ${first} and ${second}`],
    [
      { to_shard: first, to_trader_id: trader, from_trader_id: trader },
      'Invalid to_trader_id: must be another trader than from_trader_id',
    ],
    [
      { from_shard: undefined, to_shard: undefined },
      `Invalid shard: required, since USD is in ${first} and ${second}`,
    ],
    [{ transfer_id: 'refund:1:x' }, 'Invalid transfer_id: must be 1 to 64 letters, digits, - and _'],
  ];
  for (const [changes, message] of wrong) {
    const asked = between(changes);
    t.deepEqual([(await operator.post('/transfers', asked)).body.message], [message]);
    t.is((await operator.get(`/transfers/${asked.transfer_id}`)).status, 404);
  }
  const taken = {
    trader_id: trader,
    currency: 'USD',
    amount: '1',
    shard: second,
    transfer_id: `b-${made}-taken`,
  };
  await operator.post('/deposits', taken);
  await operator.get(`/accounts/${trader}-USD`);
  const repeated = await operator.post('/transfers', between({ transfer_id: taken.transfer_id }));
  t.deepEqual([repeated.status, repeated.body.message], [400, 'Duplicate transfer_id']);
});

test.serial('what the payer does not have is refused, and stays so', async (t) => {
  const asked = between();
  const refused = await operator.post('/transfers', asked);
  t.deepEqual([refused.status, refused.body.message], [400, 'Insufficient funds']);
  await deposit(asked.from_trader_id, first, '50');
  t.is((await operator.post('/transfers', asked)).status, 400);
  t.like((await operator.get(`/transfers/${asked.transfer_id}`)).body, {
    ...{ status: 'refused', reject_reason: 'insufficient_funds', completed_at: null },
  });
  t.deepEqual([await balanceOf(asked.from_trader_id), await balanceOf(asked.to_trader_id)], [50, 0]);
});

test.serial('many at once with one transfer_id, to two apis, move money once', async (t) => {
  const late = await two.exchange.start('api', { PORT: '0' });
  const other = createClient(`http://127.0.0.1:${await portOf(late)}`, two.exchange.operatorToken);
  await until(async () => (await other.get('/products/B-USD')).status === 200);
  const asked = between();
  await deposit(asked.from_trader_id, first, '1000');
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => [operator, other][i % 2]!.post('/transfers', asked)),
  );
  // On a slow machine some are told that it is still under way, or that the database has not answered.
  t.deepEqual(
    answers.filter(({ status }) => ![200, 202, 503].includes(status)),
    [],
  );
  await until(async () => (await statusOf(asked.transfer_id)) === 'done');
  t.deepEqual([await balanceOf(asked.from_trader_id), await balanceOf(asked.to_trader_id)], [990, 10]);
  const different = between({ from_trader_id: asked.from_trader_id });
  const some = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      [operator, other][i % 2]!.post('/transfers', { ...different, amount: String(i + 1) }),
    ),
  );
  await until(async () => (await statusOf(different.transfer_id)) === 'done');
  const { amount } = (await operator.get(`/transfers/${different.transfer_id}`)).body;
  for (const { status, body } of some)
    t.true(
      status === 503 || (status < 400 ? body.amount === amount : body.message === 'Duplicate transfer_id'),
    );
  t.is(await balanceOf(different.to_trader_id), Number(amount));
});

test.serial('an id that the other shard gave to another deposit brings the money back', async (t) => {
  const asked = between();
  const [from, to] = [asked.from_trader_id, asked.to_trader_id];
  await deposit(from, first, '10');
  await two.kill('writer', second);
  const other = { trader_id: to, currency: 'USD', amount: '3', shard: second };
  t.is((await operator.post('/deposits', { ...other, transfer_id: asked.transfer_id })).status, 200);
  t.is((await operator.post('/transfers', asked)).status, 202);
  await two.serve('writer', second);
  await until(async () => (await statusOf(asked.transfer_id)) === 'returned');
  const { status, body } = await operator.post('/transfers', asked);
  t.deepEqual(
    [status, body.message],
    [400, 'The other shard refused the deposit, and the money is back: Duplicate transfer_id'],
  );
  t.deepEqual([await balanceOf(from), await balanceOf(to)], [10, 3]);
  const [refund] = (await operator.get(`/transfers?trader_id=${from}`)).body;
  t.like(refund, { id: `refund:1:${asked.transfer_id}`, type: 'deposit', amount: '10.00' });
});

class Crash extends Error {}

/** The api of a process that dies at its n-th call, before it or once it has taken effect. */
function dyingAt(
  n: number,
  when: 'before' | 'after',
): { readonly dying: typeof api; readonly calls: () => number } {
  let calls = 0;
  const wrap =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      calls++;
      if (calls > n || (calls === n && when === 'before')) throw new Crash();
      const answer = await call(...args);
      if (calls === n) throw new Crash();
      return answer;
    };
  const shardOf = (shard: Shard): Shard => ({
    ...shard,
    submit: wrap(shard.submit),
    persistedThrough: wrap(shard.persistedThrough),
  });
  const pool = Object.fromEntries(
    (['any', 'one', 'maybeOne', 'query'] as const).map((name) => [name, wrap(api.pool[name] as never)]),
  ) as unknown as Finishing['pool'];
  const shards = { ...api.shards, named: (name: string) => shardOf(api.shards.named(name)) };
  const findTransfer = wrap(api.findTransfer);
  return { dying: { ...api, pool, shards, findTransfer } as typeof api, calls: () => calls };
}

type Play = {
  readonly what: string;
  readonly currency: string;
  /** What the payer has at first. */
  readonly has: number;
  readonly ends: { readonly status: string; readonly payer: number; readonly receiver: number };
};
const plays: Play[] = [
  { what: 'goes through', currency: 'USD', has: 30, ends: { status: 'done', payer: 20, receiver: 10 } },
  { what: 'is refused', currency: 'USD', has: 9, ends: { status: 'refused', payer: 9, receiver: 0 } },
  { what: 'comes back', currency: 'B', has: 30, ends: { status: 'returned', payer: 30, receiver: 0 } },
];

/** What a sequence can count; a shard that has as much of a currency takes no more. */
const all = '9007199254740991';

test.serial('a transfer is finished after a crash between any two steps, and moves money once', async (t) => {
  await deposit(99, second, all, 'B');
  for (const { what, currency, has, ends } of plays) {
    let crashes = 0;
    for (let n = 1, died = true; died; n++)
      for (const when of ['before', 'after'] as const) {
        const [traderId, toTraderId] = [++made, ++made];
        await deposit(traderId, first, String(has), currency);
        const units = currency === 'USD' ? 100 : 1;
        const asked: AskedShardTransfer = {
          ...{ transferId: `crash-${made}`, fromShard: first, toShard: second, traderId, toTraderId },
          ...{ currency, amount: 10 * units, createdAt: Date.now(), requestId: 'crash' },
        };
        const { dying } = dyingAt(n, when);
        const ended = await moveBetweenShards(dying, asked).catch((error) => error);
        died = ended instanceof Crash;
        if (died) crashes++;
        const noted = await findShardTransfer(api.pool, asked.transferId);
        if (!noted) {
          t.deepEqual([await balanceOf(traderId, currency), await balanceOf(toTraderId, currency)], [has, 0]);
          continue;
        }
        const { status } = await finishShardTransfer(api, noted);
        const says = `${what}, crash ${when} call ${n}`;
        t.deepEqual(
          {
            status,
            payer: await balanceOf(traderId, currency),
            receiver: await balanceOf(toTraderId, currency),
          },
          ends,
          says,
        );
        t.is((await finishShardTransfer(api, noted)).status, status, says);
      }
    t.true(crashes >= 12, `${what}: ${crashes} crashes`);
  }
  await assertHealthy(t);
});

test.serial('money that neither shard takes is given back once there is room for it', async (t) => {
  const [traderId, other] = [++made, ++made];
  const asked: AskedShardTransfer = {
    ...{ transferId: 'no-room', fromShard: first, toShard: second, traderId, toTraderId: traderId },
    ...{ currency: 'B', amount: 10, createdAt: Date.now(), requestId: 'no-room' },
  };
  await deposit(traderId, first, '10', 'B');
  const half = { trader_id: traderId, currency: 'B', amount: '10', shard: first, transfer_id: 'no-room' };
  t.is((await operator.post('/withdrawals', half)).status, 200);
  await balanceOf(traderId, 'B'); // PostgreSQL has it now
  await deposit(other, first, await roomFor(first, 'B'), 'B');
  const waiting = await moveBetweenShards(api, asked);
  t.is(waiting.status, 'pending');
  t.is((await findShardTransfer(api.pool, 'no-room'))!.refusedRefunds, 1);
  const out = { trader_id: other, currency: 'B', amount: '10', shard: first, transfer_id: 'make-room' };
  t.is((await operator.post('/withdrawals', out)).status, 200);
  const noted = (await findShardTransfer(api.pool, 'no-room'))!;
  t.is((await finishShardTransfer(api, noted)).status, 'returned');
  t.is(await balanceOf(traderId, 'B'), 10);
  t.is((await operator.get(`/transfers?trader_id=${traderId}`)).body[0].id, 'refund:2:no-room');
  await assertHealthy(t);
});

/** How much of a currency a shard still takes. */
async function roomFor(shard: string, currency: string): Promise<string> {
  const given = await api.pool.one(sql.type(z.object({ given: z.string() }))`
    select (-balance)::text as given from accounts
    where shard = ${shard} and currency = ${currency} and trader_id = ${systemTrader}`);
  return String(BigInt(all) - BigInt(given.given));
}

test.serial('what kill -9 leaves behind, another api finishes', async (t) => {
  const [from, to] = [++made, ++made];
  await deposit(from, first, '1000');
  const ids: string[] = [];
  let answeredInAll = 0;
  for (const answered of [1, 3, 8]) {
    const doomed = await two.exchange.start('api', { PORT: '0' });
    const client = createClient(`http://127.0.0.1:${await portOf(doomed)}`, two.exchange.operatorToken);
    await until(async () => (await client.get('/products/B-USD')).status === 200);
    answeredInAll += answered;
    let left = answered;
    const answers = Array.from({ length: 20 }, async (_, i) => {
      const transfer_id = `kill-${answered}-${i}`;
      const asked = between({ from_trader_id: from, to_trader_id: to, amount: '1', transfer_id });
      ids.push(transfer_id);
      await sleep(5 * i);
      const answer = await client.post('/transfers', asked).catch(() => null);
      if (answer?.status === 200 && --left === 0) doomed.child.kill('SIGKILL');
    });
    await Promise.all(answers);
  }
  await until(async () => {
    const statuses = await Promise.all(ids.map(statusOf));
    return !statuses.includes('pending');
  });
  const done = (await Promise.all(ids.map(statusOf))).filter((status) => status === 'done').length;
  t.log(`${done} of ${ids.length} were noted, ${answeredInAll} answered`);
  t.true(done >= answeredInAll);
  t.deepEqual([await balanceOf(from), await balanceOf(to)], [1_000 - done, done]);
  await assertHealthy(t);
});

test.serial(
  'while the other shard is away a transfer waits, and is finished when that is back',
  async (t) => {
    const asked = between();
    await deposit(asked.from_trader_id, first, '10');
    await two.kill('matcher', second);
    const { status, body } = await operator.post('/transfers', asked);
    t.deepEqual([status, body.status, body.completed_at], [202, 'pending', null]);
    t.is(await statusOf(asked.transfer_id), 'pending');
    const [count, age] = await pending();
    t.is(count, 1);
    await until(async () => (await pending())[1]! > age!);
    const isOn = await operator.post('/transfers', between());
    t.is(isOn.status, 400, 'what moves nothing needs the first shard alone');
    await two.serve('matcher', second);
    await until(async () => (await statusOf(asked.transfer_id)) === 'done');
    t.deepEqual(await pending(), [0, 0]);
    t.deepEqual([await balanceOf(asked.from_trader_id), await balanceOf(asked.to_trader_id)], [0, 10]);
    await assertHealthy(t);
  },
);

test.serial('an audit finds what was not moved as it is noted', async (t) => {
  const { databaseUrl } = two.exchange;
  const [from, done, refused] = [++made, 'audit-done', 'audit-refused'];
  await deposit(from, first, '10');
  for (const transfer_id of [done, refused])
    await operator.post('/transfers', between({ transfer_id, from_trader_id: from }));
  const turn = (id: string, status: string) =>
    `update shard_transfers set status = '${status}' where transfer_id = '${id}'`;
  for (const [id, was, wrong] of [
    [done, 'done', 'refused'],
    [done, 'done', 'returned'],
    [refused, 'refused', 'done'],
  ] as const) {
    await execute(databaseUrl, turn(id, wrong));
    t.regex(
      (await differences()).join(),
      new RegExp(`transfer ${id} from ${first} to ${second} is ${wrong}`),
    );
    await execute(databaseUrl, turn(id, was));
  }
  await assertHealthy(t);
});

async function differences(): Promise<string[]> {
  const found: string[] = [];
  for (const shard of [first, second]) {
    const { checks } = await audit({
      ...{ databaseUrl: two.exchange.databaseUrl, redisUrl: process.env.REDIS_URL!, shard },
      progress: () => {},
    });
    found.push(...Object.values(checks).flatMap((check) => check.first));
  }
  return found;
}

async function assertHealthy(t: ExecutionContext): Promise<void> {
  t.deepEqual(await differences(), []);
}
