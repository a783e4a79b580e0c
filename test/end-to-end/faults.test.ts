import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { faults } from '../../scripts/lab/faults/kinds.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

const kinds = Object.keys(faults);
/** On exchanges of their own, side by side, because most of the time is spent waiting. */
const halves = [kinds.filter((_, i) => i % 2 === 0), kinds.filter((_, i) => i % 2 === 1)];

halves.forEach((half, i) => {
  test(`nothing is lost, doubled or contradicted by ${half.join(', ')}`, async (t) => {
    t.timeout(300_000);
    t.log(`SEED=${seed}`);
    const folder = mkdtempSync(`${tmpdir()}/cardstock-faults-test-`);
    t.teardown(() => rmSync(folder, { recursive: true }));
    const json = `${folder}/faults.json`;
    const options = ['--faults', String(half.length), '--seed', String(seed + i), '--kinds', half.join(',')];
    const { stdout } = await run(process.execPath, [`${root}scripts/faults.ts`, ...options, '--json', json], {
      cwd: root,
    });
    const result = JSON.parse(readFileSync(json, 'utf8'));
    t.like(result, { ok: true, lost: 0, doubled: 0, contradicted: 0, stuck: null, missed: {} }, stdout);
    const played = [...Object.keys(result.faults), ...Object.keys(result.skipped)];
    t.deepEqual(played.sort(), half.toSorted());
    t.true(result.answered > 100, stdout);
    t.log(stdout);
  });
});
