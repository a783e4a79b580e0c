import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { sleep } from '../../core/lifecycle.ts';
import { freePort } from '../../scripts/launcher/servers/ports.ts';
import { startExchange } from '../support/exchange.ts';

test('the example of docs/wallet.md follows what a trader has', async (t) => {
  const exchange = await startExchange({ env: { WEBHOOK_ALLOW_PRIVATE: 'on' } });
  t.teardown(exchange.stop);
  await exchange.start('notifier');
  const port = await freePort();
  const trader = await exchange.trader(1);
  const webhook = { url: `http://127.0.0.1:${port}/`, events: ['trade', 'transfer'] };
  const { secret } = (await trader.post('/webhooks', webhook)).body;
  const wallet = spawn(process.execPath, ['examples/wallet.ts'], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: { ...process.env, SECRET: secret, PORT: String(port), TRADER: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => wallet.kill('SIGKILL'));
  const lines: string[] = [];
  createInterface({ input: wallet.stdout }).on('line', (line) => lines.push(line));
  await sleep(1_500);

  await exchange.deposit(1, 'USD', '100.00');
  await exchange.deposit(2, 'VIBRANIUM', '3');
  const order = { product_id: 'VIBRANIUM-USD', price: '2.50', size: '3' };
  await (await exchange.trader(2)).post('/orders', { ...order, side: 'sell' });
  await trader.post('/orders', { ...order, side: 'buy' });
  for (let attempts = 0; lines.length < 3 && attempts < 100; attempts++) await sleep(100);
  t.regex(lines.at(-1)!, /trade: {"USD":92\.5,"VIBRANIUM":3}$/);
});
