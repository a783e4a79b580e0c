import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import type { AttackRow } from '../../scripts/lab/stress/run.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

test('while one trader attacks, another’s orders are answered, and no process ends', async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/cardstock-stress-test-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const json = `${folder}/stress.json`;
  const sizes = ['--resting', '2000', '--own', '300', '--done', '1000', '--seconds', '1'];
  const args = [`${root}scripts/stress-one.ts`, ...sizes, '--only', 'never', '--json', json];
  const { stdout } = await run(process.execPath, args, { cwd: root });
  t.regex(stdout, /1,300 bodies that never end/);
  const rows: AttackRow[] = JSON.parse(readFileSync(json, 'utf8'));
  t.is(rows.length, 5);
  for (const { attack, orders, errors, apiMemory } of rows) {
    t.true(orders > 10, `${attack}: ${orders} orders`);
    t.is(errors, 0, attack);
    t.true(apiMemory <= 1_024, `${attack}: ${apiMemory} MiB`);
  }
});
