import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { projectRoot } from '../../scripts/launcher/servers/environment.ts';

/** A process that has a place with a disk, after what it was given to do with it. */
async function holder(t: ExecutionContext, root: string, then: string) {
  const code = `
    import { writeFileSync } from 'node:fs';
    import { makePlace } from '${projectRoot}/scripts/lab/faults/place.ts';
    const place = makePlace();
    const disk = place.addDisk('disk');
    writeFileSync(disk.folder + '/data', 'some');
    ${then}
    console.log(place.dataDir);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: projectRoot,
    env: { ...process.env, TMPDIR: root },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return { child, dataDir: String(line).trim(), ended: once(child, 'exit') };
}

const stays = 'setInterval(() => {}, 1_000);';
const mountedIn = (root: string): string[] =>
  (existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8') : '')
    .split('\n')
    .filter((line) => line.includes(root));

function rootOf(t: ExecutionContext): string {
  const root = mkdtempSync(`${tmpdir()}/cardstock-place-`);
  t.teardown(() => rmSync(root, { recursive: true }));
  return root;
}

test('what a killed run has left is removed by the next one, and nothing of a run that is at work', async (t) => {
  const root = rootOf(t);
  const [killed, living] = [await holder(t, root, stays), await holder(t, root, stays)];
  const isRoot = mountedIn(root).length > 0;
  t.log(isRoot ? 'with disks' : 'with folders, since disks need root');
  killed.child.kill('SIGKILL');
  await killed.ended;
  t.true(existsSync(killed.dataDir));

  const next = await holder(t, root, '');
  t.false(existsSync(killed.dataDir));
  t.is(readFileSync(`${living.dataDir}/disk/data`, 'utf8'), 'some');
  await next.ended;
  t.false(existsSync(next.dataDir), 'one that ends removes its own');
  t.is(mountedIn(root).length, isRoot ? 1 : 0);

  living.child.kill('SIGKILL');
  await living.ended;
  await (await holder(t, root, '')).ended;
  t.deepEqual(readdirSync(root), []);
  t.deepEqual(mountedIn(root), []);
});

test('what is kept stays in plain folders, and is for nobody else to remove', async (t) => {
  const root = rootOf(t);
  const kept = await holder(t, root, 'place.leave(true);');
  await kept.ended;
  await (await holder(t, root, '')).ended;
  t.is(readFileSync(`${kept.dataDir}/disk/data`, 'utf8'), 'some');
  t.deepEqual(mountedIn(root), []);
});
