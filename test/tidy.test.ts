import { globSync, readFileSync } from 'node:fs';
import test from 'ava';

const root = new URL('..', import.meta.url).pathname;
const sources = globSync(
  ['{api,core,matcher,scripts,sql,test,writer}/**/*.{ts,lua}', 'scripts/{node,setup}'],
  { cwd: root },
).map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
const processes = sources.filter(({ path }) => /^(api|core|matcher|sql|writer)\//.test(path));

/** What each folder may import of ours; scripts and tests may import anything. */
const mayImport: Record<string, RegExp> = {
  core: /^core\//,
  sql: /^(sql|core)\//,
  matcher: /^(matcher|sql|core)\//,
  writer: /^(writer|sql|core)\//,
  api: /^(api|sql|core)\/|^matcher\/client\.ts$/,
};

test('no folder imports what ARCHITECTURE.md does not let it', (t) => {
  for (const { path, text } of processes) {
    const allowed = mayImport[path.split('/')[0]!]!;
    for (const [, specifier] of text.matchAll(/(?:from|import) '(\.[^']+)'/g)) {
      const imported = new URL(specifier!, `file:///${path}`).pathname.slice(1);
      t.regex(
        imported,
        allowed,
        `${path} imports ${imported}; move what it needs to core, or turn the dependency round`,
      );
    }
  }
});

test('one file reads the environment of the processes, another that of the scripts', (t) => {
  const readers = sources.filter(
    ({ path, text }) => /process\.env\b/.test(text) && !path.startsWith('test/'),
  );
  const paths = readers.map(({ path }) => path).sort();
  t.deepEqual(
    paths,
    ['core/config.ts', 'scripts/launcher/servers/environment.ts'],
    'take settings from one of these two',
  );
});

test('one file spells Redis keys', (t) => {
  const spellers = processes.filter(({ path, text }) => /`\{\$\{\w+\}\}:/.test(text) && path.endsWith('.ts'));
  t.deepEqual(
    spellers.map(({ path }) => path),
    ['core/keys.ts'],
    'give the key a function there',
  );
});

test('source files are short enough to read in one sitting', (t) => {
  // Tests are tables; what makes one hard to read is not its length.
  for (const { path, text } of sources.filter(({ path }) => !path.startsWith('test/'))) {
    const lines = text.split('\n').length - 1;
    t.true(lines <= 300, `${path} has ${lines} lines; it holds more than one idea, so split it`);
  }
});
