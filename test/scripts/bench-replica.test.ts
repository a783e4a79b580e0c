import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import test from 'ava';
import type { ReplicaRun } from '../../scripts/lab/bench/replica/run.ts';
import { projectRoot, readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import { findCopying } from '../../scripts/launcher/servers/find.ts';

const run = promisify(execFile);
const withReplica = findCopying(readEnvironment()).length > 0 ? test : test.skip;

withReplica('lists are read through both apis in turns, and each api reads where it should', async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/cardstock-bench-test-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const json = `${folder}/replica.json`;
  const words = [
    '--orders',
    '20000',
    '--seconds',
    '1',
    '--rounds',
    '2',
    '--connections',
    '2',
    '--json',
    json,
  ];
  const script = `${projectRoot}/scripts/bench-replica.ts`;
  await run(process.execPath, [script, ...words], { cwd: projectRoot });
  const { runs } = JSON.parse(readFileSync(json, 'utf8')) as { runs: ReplicaRun[] };
  const turns = ['primary', 'replica', 'replica', 'primary'];
  t.deepEqual(
    runs.map(({ list, from }) => `${list} ${from}`),
    ['orders', 'fills'].flatMap((list) => turns.map((from) => `${list} ${from}`)),
  );
  for (const { list, from, requests, rows, byReplica, cpuMicroseconds } of runs) {
    t.true(requests > 0 && rows > 0, `${list} ${from}`);
    t.is(Object.keys(cpuMicroseconds).join(), 'api,primary,replica');
    if (from === 'primary') t.is(byReplica, 0);
    // Some may have to wait too long for it on a busy machine.
    else t.true(byReplica > requests / 2, `${list} are read from the replica`);
  }
});
