import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import test from 'ava';
import { catalogueOf } from '../../scripts/lab/bench/catalogue/add.ts';
import { projectRoot } from '../../scripts/launcher/servers/environment.ts';

const run = promisify(execFile);

test('products are added to the shards in turn', (t) => {
  t.deepEqual(
    [...catalogueOf(5, ['main', 'cards2'])],
    [
      ['main', ['CARD1-USD', 'CARD3-USD', 'CARD5-USD']],
      ['cards2', ['CARD2-USD', 'CARD4-USD']],
    ],
  );
});

test('some products over three shards trade, and do so again after a restart', async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/cardstock-bench-test-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const json = `${folder}/products.json`;
  const words = ['--products', '40', '--shards', '3', '--idle-seconds', '1', '--json', json];
  const script = `${projectRoot}/scripts/bench-products.ts`;
  const { stdout } = await run(process.execPath, [script, ...words], { cwd: projectRoot });
  t.regex(stdout, /40 products over 3 shards \(plain, by Unix sockets\)/);
  const result = JSON.parse(readFileSync(json, 'utf8'));
  t.deepEqual(result.products, { main: 14, cards2: 13, cards3: 13 });
  t.is(result.offered, 40);
  t.deepEqual(result.traded, { main: 'CARD1-USD', cards2: 'CARD2-USD', cards3: 'CARD3-USD' });
  t.deepEqual(result.tradedAgain, { main: 'CARD4-USD', cards2: 'CARD5-USD', cards3: 'CARD6-USD' });
  t.deepEqual(Object.keys(result.added.announcedMs).sort(), ['cards2', 'cards3', 'main']);
  t.true(result.added.listedMs > 0 && result.tradedAfterMs > 0);
  t.deepEqual(Object.keys(result.restartMs).sort(), ['api', 'matcher', 'writer']);
  for (const when of ['before', 'added', 'restarted']) {
    const { cpuPercent, memoryMegabytes } = result.atRest[when];
    for (const kind of ['redis', 'postgres', 'api', 'matcher', 'writer']) {
      t.true(cpuPercent[kind] >= 0, `${kind} ${when}`);
      t.true(memoryMegabytes[kind] > 5, `${kind} ${when}`);
    }
  }
});
