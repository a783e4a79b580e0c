import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { faults } from '../../scripts/lab/faults/kinds.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** So many kinds as there is time for, others with every seed; every night all of them are played, several times. */
const played = Object.keys(faults)
  .map((kind) => ({ kind, place: createHash('sha256').update(`${seed} ${kind}`).digest('hex') }))
  .toSorted((a, b) => (a.place < b.place ? -1 : 1))
  .slice(0, 16)
  .map(({ kind }) => kind);
/** On exchanges of their own, side by side, because most of the time is spent waiting. */
const halves = [played.slice(0, 8), played.slice(8)];

halves.forEach((kinds, i) => {
  test(`nothing is lost, doubled or contradicted by faults, part ${i + 1}`, async (t) => {
    t.timeout(300_000);
    t.log(`SEED=${seed}: ${kinds.join(', ')}`);
    const folder = mkdtempSync(`${tmpdir()}/cardstock-faults-test-`);
    t.teardown(() => rmSync(folder, { recursive: true }));
    const json = `${folder}/faults.json`;
    const options = [
      '--faults',
      String(kinds.length),
      '--seed',
      String(seed + i),
      '--kinds',
      kinds.join(','),
    ];
    const { stdout } = await run(process.execPath, [`${root}scripts/faults.ts`, ...options, '--json', json], {
      cwd: root,
    });
    const result = JSON.parse(readFileSync(json, 'utf8'));
    t.like(result, { ok: true, lost: 0, doubled: 0, contradicted: 0, stuck: null, missed: {} }, stdout);
    t.deepEqual([...Object.keys(result.faults), ...Object.keys(result.skipped)].sort(), kinds.toSorted());
    t.true(result.answered > 100, stdout);
    t.log(stdout);
  });
});
