// An api that reads lists from a replica of PostgreSQL, beside one that does not: a real streaming replica that lags, hangs, dies, comes back
// and is promoted.

import { execFileSync } from 'node:child_process';
import test from 'ava';
import { sql } from 'slonik';
import { z } from 'zod';
import { createLog } from '../../core/log.ts';
import { type PostgresNode, preparePair } from '../../scripts/launcher/cluster/postgres-pair.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { findCopying } from '../../scripts/launcher/servers/find.ts';
import { rememberedPorts } from '../../scripts/launcher/servers/ports.ts';
import type { Started } from '../../scripts/launcher/servers/process.ts';
import { eraseData } from '../../scripts/launcher/servers/servers.ts';
import { makeTemporaryFolder } from '../../scripts/launcher/servers/temporary-folder.ts';
import { openPool } from '../../sql/pool.ts';
import { createReadReplica, type ReplicaOutcome } from '../../sql/read-replica.ts';
import { withPostgres } from '../../sql/with-postgres.ts';
import { execute, type FreshDatabase, freshDatabase } from '../support/database.ts';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { type Client, createClient } from '../support/http.ts';
import { scrape } from '../support/metrics.ts';
import { lineWith, type Started as Process, portOf } from '../support/processes.ts';
import { until } from '../support/until.ts';

const candidates = findCopying(readEnvironment());
const withReplica = candidates.length > 0 ? test.serial : test.serial.skip;

const dataDir = makeTemporaryFolder('replica');
const product = 'VIBRANIUM-USD';
/** Of the same tables, on another server. */
let another: FreshDatabase;
let usual: string;
let nodes: readonly PostgresNode[];
let replica: Started;
const servers: Started[] = [];
let exchange: Exchange;
let reader: Process;
let readerUrl: string;
/** The same traders at both: one reads from the primary alone. */
let [alice, aliceOfReplica, bob, bobOfReplica]: Client[] = [];

async function launch({ launch: start }: PostgresNode): Promise<Started> {
  const started = await start();
  servers.push(started);
  await started.ready;
  return started;
}

/** The address of an api's own role, at another server. */
function at(port: number): string {
  const { DATABASE_URL: url } = exchange.addressesFor('api');
  return url!.replace(/:\d+\//, `:${port}/`);
}

test.before(async () => {
  if (candidates.length === 0) return;
  const ports = rememberedPorts(dataDir);
  nodes = await preparePair({ dataDir, candidates, secret: 'secret', ports, log: () => {} });
  await launch(nodes[0]!);
  replica = await launch(nodes[1]!);
  // The pair is one whose primary waits for the other; a replica for reads holds nothing up.
  await execute(nodes[0]!.url, 'alter database cardstock set synchronous_commit = local');
  another = await freshDatabase();
  usual = process.env.DATABASE_URL!;
  process.env.DATABASE_URL = nodes[0]!.url;
  exchange = await startExchange();
  reader = await exchange.start('api', { DATABASE_READ_URL: at(nodes[1]!.port) });
  readerUrl = `http://127.0.0.1:${await portOf(reader)}`;
  [alice, bob] = [await exchange.trader(1), await exchange.trader(2)];
  [aliceOfReplica, bobOfReplica] = await Promise.all(
    [1, 2].map(async (traderId) => createClient(readerUrl, await exchange.tokenOf(traderId))),
  );
});
test.after.always(async () => {
  await exchange?.stop();
  if (another) {
    process.env.DATABASE_URL = usual;
    await another.drop();
  }
  for (const server of servers.toReversed()) await server.stop();
  eraseData(dataDir);
});

async function outcome(name: ReplicaOutcome): Promise<number> {
  return (await scrape(readerUrl)).value('cardstock_replica_reads_total', { outcome: name }) ?? 0;
}

const order = (side: string, price: string) => ({ product_id: product, side, price, size: '1' });
const openOrders = async (client: Client) => (await client.get(`/orders?product_id=${product}`)).body;

/** Reads until the replica has answered one more. */
async function answersAgain(): Promise<void> {
  const before = await outcome('answered');
  let page = 2;
  await until(async () => {
    // Another page each time, since one that nothing has changed is answered from memory.
    await aliceOfReplica!.get(`/orders?status=all&limit=${page++}`);
    return (await outcome('answered')) > before;
  });
}

withReplica('lists are the same from the replica as from the primary, and are read there', async (t) => {
  await exchange.deposit(1, 'USD', '100000');
  await exchange.deposit(2, 'VIBRANIUM', '100');
  for (const price of ['9.00', '9.10', '9.20']) await alice!.post('/orders', order('buy', price));
  for (let i = 0; i < 2; i++) await bob!.post('/orders', order('sell', '9.00'));
  await bob!.post('/orders', order('sell', '12.00'));
  await exchange.operator.post('/transfers', {
    ...{ from_trader_id: 1, to_trader_id: 2, currency: 'USD', amount: '5', transfer_id: 'a-gift' },
  });
  await answersAgain();
  const { body: accounts } = await alice!.get('/accounts');
  const [{ order_id: filled }] = (await alice!.get(`/fills?product_id=${product}`)).body;
  const account = accounts.find(({ currency }: { currency: string }) => currency === 'USD').id;
  const paths = [
    ...['/orders?status=all', `/orders?product_id=${product}`, '/orders?status=done&limit=1'],
    ...[`/fills?product_id=${product}`, `/fills?order_id=${filled}`],
    `/products/${product}/candles?granularity=86400`,
    ...['/accounts', `/accounts/${account}`, `/accounts/${account}/ledger`],
    ...[
      `/accounts/${account}/holds`,
      '/transfers',
      '/positions',
      `/products/${product}/trades?limit=2&after=9`,
    ],
  ];
  const before = await outcome('answered');
  for (const path of paths) {
    const [own, others] = [await alice!.get(path), await aliceOfReplica!.get(path)];
    t.is(own.status, 200, path);
    t.deepEqual(others.body, own.body, path);
    t.is(others.headers.get('cb-after'), own.headers.get('cb-after'), path);
  }
  t.true((await outcome('answered')) - before >= paths.length - 2, 'but for what is in memory');
});

withReplica('while the replica stands still nobody misses what he did', async (t) => {
  await execute(nodes[1]!.url, 'select pg_wal_replay_pause()');
  const behind = await outcome('behind');
  const prices = ['1.01', '1.02', '1.03'];
  for (const price of prices) {
    const { body } = await bobOfReplica!.post('/orders', order('buy', price));
    t.true((await openOrders(bobOfReplica!)).some(({ id }: { id: string }) => id === body.id));
  }
  t.true((await outcome('behind')) - behind >= prices.length);
  await execute(nodes[1]!.url, 'select pg_wal_replay_resume()');
  await answersAgain();
  t.deepEqual(await openOrders(bobOfReplica!), await openOrders(bob!));
});

/** A server and all that it started: stopping the first alone stops no session. */
function signalAll({ child }: Started, signal: NodeJS.Signals): void {
  const started = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' });
  for (const pid of [child.pid!, ...started.trim().split('\n').map(Number)]) process.kill(pid, signal);
}

withReplica(
  'a replica that hangs holds up few reads, for a second, and is used again once it answers',
  async (t) => {
    signalAll(replica, 'SIGSTOP');
    const times: number[] = [];
    try {
      for (let i = 0; i < 20; i++) {
        const start = performance.now();
        const { status } = await aliceOfReplica!.get(`/orders?status=all&limit=${20 + i}`);
        times.push(performance.now() - start);
        t.is(status, 200);
      }
    } finally {
      signalAll(replica, 'SIGCONT');
    }
    t.true((await outcome('resting')) > 0);
    await lineWith(reader, 'the read replica does not answer; the primary is asked');
    t.true(times[0]! > 900, 'the first one waited for it');
    await answersAgain();
    await lineWith(reader, 'the read replica answers again');
  },
);

const nothing = z.object({ is: z.number() });

withReplica(
  'a replica is left alone for one read that takes long, and for more than it is asked at a time',
  async (t) => {
    const log = createLog('test', 'silent');
    const [primary, outcomes] = [
      await openPool(at(nodes[0]!.port), log, { maxPoolSize: 1, statementTimeout: 5_000 }),
      [] as string[],
    ];
    const asked = createReadReplica({
      ...{ url: at(nodes[1]!.port), primary, log },
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    t.teardown(async () => {
      await asked.close();
      await primary.end();
    });
    const ask = (seconds: number) =>
      asked.ask(new Map(), (connection) =>
        connection.one(sql.type(nothing)`select 1 as is from (select pg_sleep(${seconds})) slept`),
      );
    await until(async () => (await ask(0)) !== null);
    outcomes.length = 0;
    const slow = Array.from({ length: 6 }, () => ask(30));
    t.is(await ask(0), null);
    t.deepEqual(outcomes, ['busy'], 'at once');
    t.deepEqual(await Promise.all(slow), Array(6).fill(null));
    t.deepEqual(outcomes.slice(1), Array(6).fill('slow'));
    await until(async () => (await ask(0)) !== null);
    t.false(outcomes.includes('resting') || outcomes.includes('failed'), String(outcomes));
  },
);

withReplica('no read fails as the replica is killed, and it is used again once it is back', async (t) => {
  const reading = new AbortController();
  const statuses = new Map<number, number>();
  const read = async (client: Client): Promise<void> => {
    for (let i = 0; !reading.signal.aborted; i++) {
      const { status } = await client.get(`/orders?status=all&limit=${1 + (i % 90)}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const readers = [aliceOfReplica!, bobOfReplica!, aliceOfReplica!].map(read);
  const failed = await outcome('failed');
  replica.child.kill('SIGKILL');
  await replica.exited;
  await until(async () => (await outcome('failed')) > failed);
  replica = await launch(nodes[1]!);
  await answersAgain();
  reading.abort();
  await Promise.all(readers);
  t.deepEqual([...statuses.keys()], [200], JSON.stringify([...statuses]));
});

withReplica('an address of the primary, of another database or of nobody is not read from', async (t) => {
  const addresses = [
    [at(nodes[0]!.port), /leads to no replica/],
    [another.url, /leads to another database/],
    [at(1), /ECONNREFUSED/],
  ] as const;
  const expected = await openOrders(alice!);
  await Promise.all(
    addresses.map(async ([url, says]) => {
      const api = await exchange.start('api', { DATABASE_READ_URL: url });
      const client = createClient(`http://127.0.0.1:${await portOf(api)}`, await exchange.tokenOf(1));
      let page = 1;
      // The first look may be given up before it says so, and a page that was read before is answered from memory.
      await until(
        async () => {
          t.deepEqual(await openOrders(client), expected);
          await client.get(`/orders?status=all&limit=${page++}`);
          return api.lines.some(
            (line) => line.includes('the read replica does not answer') && says.test(line),
          );
        },
        { pauseMs: 500 },
      );
    }),
  );
});

withReplica('a replica that was promoted is not read any more', async (t) => {
  await answersAgain();
  // One that waits holds a snapshot, for which the replay that is to end first may have to wait.
  await execute(nodes[1]!.url, 'select pg_promote(wait => false)');
  await until(async () => {
    const { rows } = await withPostgres(nodes[1]!.url, (client) =>
      client.query('select pg_is_in_recovery() as is'),
    );
    return !rows[0].is;
  });
  const { body } = await bobOfReplica!.post('/orders', order('buy', '1.05'));
  t.true((await openOrders(bobOfReplica!)).some(({ id }: { id: string }) => id === body.id));
  await until(() => reader.lines.some((line) => line.includes('or to one that was promoted')));
});
