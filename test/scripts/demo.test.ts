import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type Exchange, startExchange } from '../support/exchange.ts';
import { runScript } from '../support/scripts.ts';
import { until } from '../support/until.ts';

let exchange: Exchange;
const dataDir = mkdtempSync(`${tmpdir()}/cardstock-demo-`);
const env = { DATA_DIR: dataDir };
test.before(async () => {
  exchange = await startExchange();
  const { baseUrl, operatorToken } = exchange;
  writeFileSync(`${dataDir}/demo.json`, JSON.stringify({ baseUrl, operator: { token: operatorToken } }));
});
test.after.always(async () => {
  rmSync(dataDir, { recursive: true, force: true });
  await exchange?.stop();
});

/** What a run leaves on a product of its own: its trades and its book. */
async function market(seed: number) {
  const product = await exchange.addProduct();
  const args = ['--products', product, '--seed', String(seed), '--rate', '100', '--seconds', '2'];
  const { code, stdout, stderr } = await runScript('demo', [...args, '--traders', '20'], env);
  const { body: trades } = await exchange.anonymous.get(`/products/${product}/trades?limit=1000`);
  const { body: book } = await exchange.anonymous.get(`/products/${product}/book?level=2`);
  return {
    ...{ code, stderr, said: stdout.trim().split('\n').at(-1)! },
    trades: trades.map(({ trade_id, side, price, size }: Record<string, unknown>) => ({
      ...{ trade_id, side, price, size },
    })),
    book: [book.bids, book.asks],
  };
}

test.serial(
  'the same seed makes the same trades and the same book, and the rate decides how many orders',
  async (t) => {
    const [one, same, other] = [await market(7), await market(7), await market(8)];
    t.is(one.code, 0, one.stderr);
    t.regex(
      one.said,
      /^700 orders: \d+ traded at once, \d+ rested, \d+ canceled, 0 refused, 0 without an answer; \d+ orders a second/,
    );
    t.true(one.trades.length > 10);
    t.deepEqual([same.trades, same.book], [one.trades, one.book]);
    t.notDeepEqual(other.trades, one.trades);
  },
);

test.serial('Ctrl-C ends it with a summary', async (t) => {
  const product = await exchange.addProduct();
  const script = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));
  const args = ['--products', product, '--traders', '5'];
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const exited = once(child, 'exit');
  await until(async () => {
    const { body } = await exchange.anonymous.get(`/products/${product}/trades`);
    return body.length > 0;
  });
  child.kill('SIGINT');
  t.deepEqual(await exited, [0, null]);
  t.regex(said, /Ctrl-C stops it/);
  t.regex(said.trim().split('\n').at(-1)!, /^\d+ orders: .* orders a second for \d+ seconds\.$/);
});
