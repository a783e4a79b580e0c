import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const scripts = globSync('scripts/*.ts', { cwd: root });

const { PATH, NODE_COMPILE_CACHE } = process.env;

/** As the shell of a person who has nothing set up. */
const start = (script: string, ...words: string[]) =>
  run(process.execPath, [script, ...words], { cwd: root, env: { PATH, NODE_COMPILE_CACHE } });

test('every command tells by --help what it takes, and begins nothing', async (t) => {
  t.true(scripts.length > 20);
  const left = scripts.values();
  const work = async (): Promise<void> => {
    for (const script of left) {
      const { stdout, stderr } = await start(script, '--help');
      t.regex(stdout, /^Usage: .+\n\n[A-Z][\s\S]+\n {2}--help +print this\n/, script);
      t.is(stderr, '', script);
    }
  };
  await Promise.all([work(), work(), work()]);
});

const refused: [words: string[], code: number, says: RegExp][] = [
  [
    ['scripts/demo.ts', '--rate', 'fast'],
    1,
    /^--rate must be a whole number from 1 to 5000, and is "fast"\.$/,
  ],
  [['scripts/audit.ts', '--jsn', 'x'], 1, /^unknown option '--jsn'/],
  [['scripts/key.ts', 'create'], 1, /^missing required argument 'owner'/],
  [['scripts/trace.ts'], 1, /^missing required argument 'subject'/],
  [['scripts/retention.ts'], 2, /^required option '--older-than <days>' not specified/],
  [['scripts/rebuild.ts', '--void', '--resubmit'], 2, /^Say --resubmit or --void, not both\.$/],
];
for (const [words, code, says] of refused)
  test(`"${words.join(' ')}" is refused in a sentence`, async (t) => {
    const error = await t.throwsAsync(start(words[0]!, ...words.slice(1)));
    const {
      stderr,
      stdout,
      code: ended,
    } = error as unknown as { code: number; stderr: string; stdout: string };
    t.deepEqual([ended, stdout], [code, '']);
    t.regex(stderr.trim(), says);
  });

test('a package whose licence is not permissive is named, whichever of its licences would be; tools of development are not looked at', async (t) => {
  const folder = mkdtempSync(`${tmpdir()}/licences-`);
  t.teardown(() => rmSync(folder, { recursive: true }));
  const lock = `${folder}/package-lock.json`;
  const packages = {
    'node_modules/good': { version: '1.0.0', license: '(GPL-3.0 OR MIT)' },
    'web/node_modules/bad': { version: '2.0.0', license: 'AGPL-3.0-only' },
    'node_modules/none': { version: '3.0.0' },
    'node_modules/half': { version: '4.0.0', license: 'MIT AND GPL-2.0' },
    'node_modules/tool': { version: '5.0.0', license: 'GPL-3.0', dev: true },
  };
  writeFileSync(lock, JSON.stringify({ packages }));
  const refused = (await t.throwsAsync(start('scripts/licences.ts', '--lock', lock))) as unknown as {
    code: number;
    stderr: string;
  };
  t.is(refused.code, 1);
  const named = refused.stderr
    .trim()
    .split('\n')
    .map((line) => line.split(' is under ')[0]);
  t.deepEqual(named, ['bad 2.0.0', 'none 3.0.0', 'half 4.0.0']);
  t.regex((await start('scripts/licences.ts')).stdout, /^MIT: .*\bkoa /m);
});

test('commands read their options by one way, and open servers by another', (t) => {
  for (const path of globSync('scripts/**/*.ts', { cwd: root })) {
    const text = readFileSync(`${root}/${path}`, 'utf8');
    t.notRegex(text, /parseArgs|process\.argv/, `${path}: options are declared by console/command.ts`);
    if (!/^scripts\/(launcher\/connections|lab\/bench\/copied-rows|ops\/replay\/archives)\.ts$/.test(path))
      t.notRegex(
        text,
        /from 'pg';[\s\S]*new Client\(|connectNow\(|openPool\(/,
        `${path}: use launcher/connections.ts`,
      );
  }
});
