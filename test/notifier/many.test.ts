import test from 'ava';
import { Client } from 'pg';
import { sleep } from '../../core/lifecycle.ts';
import { createSealing, parseSealingKeys } from '../../core/sealing.ts';
import { webhookSealContext } from '../../core/webhooks.ts';
import { sealingKey, startExchange } from '../support/exchange.ts';
import { startReceiver } from '../support/receiver.ts';

/** `npm run bench:webhooks` measures it with ten thousand. */
const webhooks = Number(process.env.WEBHOOKS ?? 400);
const hanging = Math.ceil(webhooks / 100);

test(`while ${hanging} of ${webhooks} receivers hang, the others are served in time`, async (t) => {
  t.timeout(600_000);
  const receiver = await startReceiver();
  t.teardown(receiver.close);
  const exchange = await startExchange({ env: { WEBHOOK_ALLOW_PRIVATE: 'on' } });
  t.teardown(exchange.stop);
  const sealing = createSealing(parseSealingKeys(sealingKey));
  const traders = Array.from({ length: webhooks }, (_, i) => i + 1);
  const client = new Client(exchange.databaseUrl);
  await client.connect();
  t.teardown(() => client.end());
  await client.query(
    `insert into webhooks (trader_id, url, events, secret, secret_sealed_with, cursor)
     select trader, $1 || trader, '{order.open}', decode(secret, 'hex'), 'test', 0
     from unnest($2::int[], $3::text[]) as w (trader, secret)`,
    [
      receiver.url('/'),
      traders,
      traders.map((trader) =>
        sealing.seal(Buffer.alloc(32, 1), webhookSealContext(trader)).bytes.toString('hex'),
      ),
    ],
  );
  await exchange.start('notifier');
  await sleep(2_000);

  receiver.behave((path) => (Number(path.slice(1)) <= hanging ? 'never' : 200));
  const order = { product_id: 'PIKACHU-USD', side: 'buy', price: '1.00', size: '1' };
  const placedAt = new Map<string, number>();
  const place = async (some: readonly number[]): Promise<void> => {
    const { status } = await exchange.operator.post(
      '/orders/batch',
      some.map((trader_id) => ({ ...order, trader_id })),
    );
    t.is(status, 200);
    for (const trader of some) placedAt.set(`/${trader}`, performance.now());
  };
  // Those that hang come first, and hold what they can hold.
  await place(traders.slice(0, hanging));
  await sleep(1_000);
  const step = 100;
  for (let from = hanging; from < webhooks; from += step) {
    await place(traders.slice(from, from + step));
    await sleep(300);
  }
  const served = () => receiver.received.filter(({ status }) => status === 200);
  await receiver.until(() => served().length === webhooks - hanging, 120);
  const waits = served()
    .map(({ path, at }) => at - placedAt.get(path)!)
    .sort((a, b) => a - b);
  const at = (share: number) => Math.round(waits[Math.floor((waits.length - 1) * share)]!);
  t.log(`ms from the answer to an order until its webhook: p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}`);
  // A receiver that hangs does so for 15 s: nobody waited for one.
  t.true(at(1) < 10_000);
});
