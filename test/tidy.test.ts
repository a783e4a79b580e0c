import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = globSync(
  [
    '{api,clients,core,examples,matcher,notifier,scripts,sql,test,web,writer}/**/*.{ts,tsx,lua}',
    'scripts/{node,setup}',
  ],
  { cwd: root, exclude: ['**/node_modules', '**/dist', '**/generated'] },
).map((path) => ({ path, text: readFileSync(`${root}/${path}`, 'utf8') }));
const processes = sources.filter(({ path }) => /^(api|core|matcher|notifier|sql|writer)\//.test(path));

/** What each folder may import of ours; scripts and tests may import anything. */
const mayImport: Record<string, RegExp> = {
  core: /^core\//,
  sql: /^(sql|core)\//,
  matcher: /^(matcher|sql|core)\//,
  writer: /^(writer|sql|core)\//,
  notifier: /^(notifier|sql|core)\//,
  api: /^(api|sql|core)\/|^matcher\/client\.ts$/,
};

/** What files import of ours, those at these paths. */
function importsOf(paths: RegExp): { path: string; imported: string }[] {
  return sources
    .filter(({ path }) => paths.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/(?:from|import) '(\.[^']+)'/g)].map(([, specifier]) => ({
        path,
        imported: new URL(specifier!, `file:///${path}`).pathname.slice(1),
      })),
    );
}

test('no folder imports what ARCHITECTURE.md does not let it', (t) => {
  for (const { path, imported } of importsOf(/^(api|core|matcher|sql|writer)\//)) {
    const allowed = mayImport[path.split('/')[0]!]!;
    t.regex(
      imported,
      allowed,
      `${path} imports ${imported}; move what it needs to core, or turn the dependency round`,
    );
  }
});

/** What each room of scripts/ may import there besides itself; the commands at its top import any. */
const mayUse: Record<string, readonly string[]> = {
  console: [],
  launcher: ['console'],
  ops: ['console', 'launcher'],
  lab: ['console', 'launcher', 'ops'],
};

test('the launcher knows neither operations nor laboratory, operations no laboratory, and no room a command', (t) => {
  for (const { path, imported } of importsOf(/^scripts\/\w+\//)) {
    const [, room] = path.split('/');
    const used = /^scripts\/(?:(\w+)\/)?/.exec(imported);
    if (!used || used[1] === room) continue;
    t.true(used[1] !== undefined && mayUse[room!]?.includes(used[1]), `${path} imports ${imported}`);
  }
});

test("a noun of the api uses no other noun's routes or presentation", (t) => {
  // The feed, gRPC and GraphQL are further transports, which present all nouns.
  for (const { path, imported } of importsOf(/^api\/(?!feed\/|grpc\/|graphql\/)\w[\w-]*\//)) {
    const [from, to] = [path.split('/')[1], /^api\/([\w-]+)\//.exec(imported)?.[1]];
    if (to === undefined || to === from || to === 'http') continue;
    t.notRegex(
      imported,
      /routes\.ts$|presentation\.ts$/,
      `${path} imports ${imported}; share a use case or a query`,
    );
  }
});

test('one file reads the environment of the processes, another that of the scripts', (t) => {
  const readers = sources.filter(
    ({ path, text }) => /process\.env\b/.test(text) && !/^(test|examples)\//.test(path),
  );
  const paths = readers.map(({ path }) => path).sort();
  t.deepEqual(
    paths,
    ['core/config.ts', 'scripts/launcher/servers/environment.ts'],
    'take settings from one of these two',
  );
});

test('docs/configuration.md lists every setting that is read, and no other', (t) => {
  const textOf = (path: string) => sources.find((source) => source.path === path)!.text;
  const ofProcesses = textOf('core/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+): /gm);
  const ofLauncher = textOf('scripts/launcher/servers/environment.ts').matchAll(/\benv\.([A-Z][A-Z_]+)/g);
  const read = new Set([...ofProcesses, ...ofLauncher].map(([, name]) => name!));
  read.delete('PATH');
  const table = readFileSync(`${root}/docs/configuration.md`, 'utf8').matchAll(/^\| (`.*?) \|/gm);
  const listed = [...table].flatMap(([, names]) => [...names!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  t.deepEqual([...read].sort(), listed.sort());
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

test('no path of a file is taken from a URL as it is', (t) => {
  for (const { path, text } of sources.filter(({ path }) => path !== 'test/tidy.test.ts'))
    t.notRegex(
      text,
      /import\.meta\.url\)\.pathname/,
      `${path}: a checkout may lie under any name; use fileURLToPath`,
    );
});
