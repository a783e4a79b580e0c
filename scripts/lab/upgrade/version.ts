// A version of the code: the one at hand, or a copy of an earlier commit with the packages that it names.

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../launcher/servers/environment.ts';
import { StartError } from '../../launcher/servers/errors.ts';

export type Version = { readonly name: 'old' | 'new'; readonly root: string };

export const ownVersion: Version = { name: 'new', root: projectRoot };

const run = promisify(execFile);
const commandLimitMs = 300_000;

/** Throws if there is no such commit. */
export async function checkOut(commit: string, root: string): Promise<Version> {
  mkdirSync(root);
  const archive = join(root, 'code.tar');
  await git('archive', '--output', archive, commit);
  await run('tar', ['-C', root, '-xf', archive]);
  const locks = [root, projectRoot].map((folder) => readFileSync(`${folder}/package-lock.json`, 'utf8'));
  if (locks[0] === locks[1]) symlinkSync(`${projectRoot}/node_modules`, `${root}/node_modules`);
  else await install(root);
  return { name: 'old', root };
}

/** npm of the Node at hand is not always there; whichever is on the path does. */
async function install(root: string): Promise<void> {
  const words = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', words, { cwd: root, timeout: commandLimitMs });
}

/** Runs a command of a version to its end, and returns what it printed. */
export async function runCommand(
  { root }: Version,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { stdout } = await run(process.execPath, words, { cwd: root, env, timeout: commandLimitMs });
  return stdout.trim();
}

/** The last release before the code at hand; without one, the last code that had some of its migrations, and no other. */
export async function earlierVersion(): Promise<string> {
  const released = git('describe', '--tags', '--match', 'v*', '--abbrev=0', 'HEAD^');
  return released.catch(beforeNewestMigration);
}

async function beforeNewestMigration(): Promise<string> {
  const own = new Set(await migrationsOf('HEAD'));
  for (const commit of (await git('log', '--format=%h')).split('\n')) {
    const its = new Set(await migrationsOf(commit));
    if (its.size < own.size && its.isSubsetOf(own)) return commit;
  }
  throw new StartError(
    'There is neither a release nor code before the newest migration; --from names a commit.',
  );
}

const migrationsOf = async (commit: string): Promise<string[]> =>
  (await git('ls-tree', '--name-only', commit, 'sql/migrations/')).split('\n');

async function git(...words: string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', projectRoot, ...words]);
  return stdout.trim();
}
