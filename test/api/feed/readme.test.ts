import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { startExchange } from '../../support/exchange.ts';

test('the lines of the README keep a book and place an order', async (t) => {
  const exchange = await startExchange();
  t.teardown(exchange.stop);
  const seller = await exchange.trader(1);
  for (const price of ['5.00', '7.00'])
    await seller.post('/orders', { product_id: 'PIKACHU-USD', side: 'sell', price, size: '1' });
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const lines = /```js\n(.*?)```/s.exec(readme)![1]!;
  const code = lines.replace('ws://localhost:3000', exchange.baseUrl.replace('http', 'ws'));
  const env = { ...process.env, BUYER: await exchange.tokenOf(2) };
  const child = spawn(process.execPath, ['-e', code], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill());
  let output = '';
  for await (const chunk of child.stdout) {
    output += chunk;
    if (/status: 'done'/.test(output) && /l2update[\s\S]*sell: Map\(1\)/.test(output)) break;
  }
  t.regex(output, /type: 'snapshot'[\s\S]*sell: Map\(2\) { '5.00' => '1', '7.00' => '1' }/);
  t.regex(output, /id: 'mine too',\s+status: 200/);
  t.regex(output, /sell: Map\(1\) { '7.00' => '1' }/);
});
