import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { clusterFaults } from '../../scripts/lab/faults/cluster/kinds.ts';
import { faults } from '../../scripts/lab/faults/kinds.ts';
import { findHaproxy } from '../../scripts/launcher/cluster/haproxy.ts';
import { seed } from '../support/seed.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** So many kinds as there is time for, others with every seed; every night all of them are played, several times. */
function some(all: object, count: number): string[] {
  return Object.keys(all)
    .map((kind) => ({ kind, place: createHash('sha256').update(`${seed} ${kind}`).digest('hex') }))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1))
    .slice(0, count)
    .map(({ kind }) => kind);
}

async function play(t: ExecutionContext, kinds: readonly string[], seed: number, ...more: string[]) {
  t.timeout(300_000);
  t.log(`SEED=${seed}: ${kinds.join(', ')}`);
  const folder = mkdtempSync(`${tmpdir()}/cardstock-faults-test-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const json = `${folder}/faults.json`;
  const options = [
    ...['--faults', String(kinds.length), '--seed', String(seed), '--kinds', kinds.join(',')],
    ...['--json', json, ...more],
  ];
  const { stdout } = await run(process.execPath, [`${root}scripts/faults.ts`, ...options], { cwd: root });
  const result = JSON.parse(readFileSync(json, 'utf8'));
  t.like(result, { ok: true, lost: 0, doubled: 0, contradicted: 0, stuck: null }, stdout);
  t.deepEqual([...Object.keys(result.faults), ...Object.keys(result.skipped)].sort(), kinds.toSorted());
  t.true(result.answered > 100, stdout);
  t.log(stdout);
  return result;
}

const played = some(faults, 16);
/** On exchanges of their own, side by side, because most of the time is spent waiting. */
const halves = [played.slice(0, 8), played.slice(8)];

halves.forEach((kinds, i) => {
  test(`nothing is lost, doubled or contradicted by faults, part ${i + 1}`, async (t) => {
    t.deepEqual((await play(t, kinds, seed + i)).missed, {});
  });
});

const onCluster = findHaproxy() ? test : test.skip;

onCluster('nothing is lost, doubled or contradicted by faults of a cluster', async (t) => {
  await play(t, some(clusterFaults, 3), seed, '--cluster');
});
