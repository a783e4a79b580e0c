import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { type Exchange, startExchange } from '../support/exchange.ts';
import type { Client } from '../support/http.ts';
import type { ProcessName, Started } from '../support/processes.ts';

const leaseMs = 2_000;
/** A slow machine may need some seconds for what takes a good one a tenth. */
const patienceMs = 20_000;

const env = { WRITER_LEASE_MS: String(leaseMs), READ_TIMEOUT_MS: String(patienceMs) };

/** Two matchers and two writers, which are killed in the last test that shares them. */
let pairs: Exchange;
test.before(async () => {
  pairs = await startExchange({ matchers: 2, writers: 2, env });
});
test.after.always(() => pairs?.stop());

const timesWritten = ({ lines }: Started): number =>
  lines.filter((line) => line.includes('"msg":"writing"')).length;
const isWriting = (writer: Started): boolean => timesWritten(writer) > 0;

/** When it last began to write; empty if never. */
const lastBegin = ({ lines }: Started): string =>
  JSON.parse(lines.findLast((line) => line.includes('"msg":"writing"')) ?? '{"time":""}').time;

async function becomesTrue(condition: () => boolean): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > patienceMs) throw new Error('nobody took over');
    await wait(10);
  }
  return performance.now() - start;
}

/** The writer that leads, and the one that stands by. */
async function writersOf({ processes }: Exchange): Promise<[leader: Started, standby: Started]> {
  await becomesTrue(() => processes.writer.some(isWriting));
  const leader = processes.writer.find(isWriting)!;
  return [leader, processes.writer.find((writer) => writer !== leader)!];
}

const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };

/** Milliseconds until an order is placed and shown by PostgreSQL. */
async function placeAndRead(t: ExecutionContext, trader: Client): Promise<number> {
  const start = performance.now();
  const { body } = await trader.post('/orders', order);
  const shown = await trader.get(`/orders/${body.id}`);
  t.is(shown.body.status, 'open', JSON.stringify([body, shown.body]));
  return Math.round(performance.now() - start);
}

test.serial('a writer that has nothing to write keeps its place', async (t) => {
  const [leader, standby] = await writersOf(pairs);
  await wait(2 * leaseMs);
  t.false(isWriting(standby));
  t.false(leader.lines.some((line) => line.includes('interrupted')));
});

test.serial(
  'a writer that hangs loses its place within its lease, and doubles nothing when it goes on',
  async (t) => {
    const trader = await pairs.trader(1);
    const [leader, standby] = await writersOf(pairs);
    leader.child.kill('SIGSTOP');
    t.log(`after ${await placeAndRead(t, trader)} ms`);
    t.true(isWriting(standby));
    leader.child.kill('SIGCONT');
    await becomesTrue(() => leader.lines.some((line) => line.includes('writing was interrupted')));
    await placeAndRead(t, trader);
    t.is((await trader.get('/orders')).body.length, 2);
  },
);

test.serial('a writer and a matcher that are killed are followed by those that stand by', async (t) => {
  const trader = await pairs.trader(2);
  const { writer, matcher } = pairs.processes;
  // Whoever began last leads.
  const [leader, standby] = writer.toSorted((a, b) => (lastBegin(a) < lastBegin(b) ? 1 : -1));
  const before = timesWritten(standby!);
  leader!.child.kill('SIGKILL');
  t.log(`the writer: ${await placeAndRead(t, trader)} ms`);
  t.true(timesWritten(standby!) > before);
  matcher[0]!.child.kill('SIGKILL');
  t.log(`the matcher: ${await placeAndRead(t, trader)} ms`);
});

for (const name of ['api', 'matcher', 'writer'] satisfies ProcessName[])
  test(`a stop of the ${name} under load loses no order that was answered`, async (t) => {
    const exchange = await startExchange({ env });
    t.teardown(() => exchange.stop());
    const trader = await exchange.trader(1);
    const answered: string[] = [];
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) {
        const answer = await trader.post('/orders', order).catch(() => null);
        if (answer?.status === 200) answered.push(answer.body.id);
        else await wait(20);
      }
    };
    const clients = Array.from({ length: 8 }, client);
    await becomesTrue(() => answered.length > 20);
    const [victim] = exchange.processes[name];
    victim!.child.kill('SIGTERM');
    await victim!.exited;
    t.is(victim!.child.exitCode, 0);
    const port = new URL(exchange.baseUrl).port;
    await exchange.start(name, { PORT: port });
    const before = answered.length;
    await becomesTrue(() => answered.length > before);
    isOver = true;
    await Promise.all(clients);
    const stored = new Set<string>();
    for (let after = ''; ; ) {
      const { body, headers } = await trader.get(`/orders?status=all&limit=1000${after}`);
      for (const { id } of body) stored.add(id);
      if (headers.get('cb-after') === null) break;
      after = `&after=${headers.get('cb-after')}`;
    }
    t.deepEqual(
      answered.filter((id) => !stored.has(id)),
      [],
    );
    t.is(new Set(answered).size, answered.length);
  });
