import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { DCLinter } from 'dclint';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');

type Service = {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly mem_limit: string;
  readonly pids_limit: number;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};
type Found = { readonly messages: readonly { readonly line: number; readonly message: string }[] };
const text = read('docker-compose.yml');
const services = parse(text, { merge: true }).services as Record<string, Service>;

test('the linter finds nothing wrong with the compose file but its order, which follows the way of an order', (t) => {
  const linter = new DCLinter({
    rules: {
      'service-keys-order': 0,
      'services-alphabetical-order': 0,
      'top-level-properties-order': 0,
      'service-dependencies-alphabetical-order': 0,
      'service-ports-alphabetical-order': 0,
      'service-image-require-explicit-tag': 0, // they come from variables
      'no-unbound-port-interfaces': 0, // a test below looks through the variables
      'no-quotes-in-volumes': 0,
      'require-quotes-in-ports': 0,
      'require-project-name-field': 0, // docker-compose 1.29 refuses it
    },
    quiet: false,
    debug: false,
    exclude: [],
  } as ConstructorParameters<typeof DCLinter>[0]);
  const found: Found[] = linter.lintFiles([`${root}docker-compose.yml`], false);
  t.deepEqual(
    found.flatMap(({ messages }) => messages.map(({ line, message }) => `${line}: ${message}`)),
    [],
  );
});

test('the linter of Dockerfiles finds nothing but tags that a variable carries', (t) => {
  const lint = createRequire(import.meta.url)('dockerfilelint').run as (
    folder: string,
    text: string,
  ) => Record<string, { title: string }[]>;
  const found = Object.values(lint(root, read('Dockerfile'))).flat();
  t.deepEqual([...new Set(found.map(({ title }) => title))], ['Base Image Missing Tag']);
});

test('every service is hardened, limited and pinned', (t) => {
  for (const [name, service] of Object.entries(services)) {
    t.true(service.read_only, name);
    t.deepEqual(service.cap_drop, ['ALL'], name);
    t.truthy(service.mem_limit, name);
    t.true(service.pids_limit > 0, name);
    t.regex(service.image, /^\$\{\w+_IMAGE:-(?:cardstock|\S+:\S+@sha256:[0-9a-f]{64})\}$/, name);
  }
  t.is(new Set(text.match(/node:24-slim@sha256:\w+/g)).size, 1);
  t.true(read('Dockerfile').includes(text.match(/node:24-slim@sha256:\w+/)![0]));
});

test('no password has a default, and nothing but the proxies is published beyond this machine', (t) => {
  t.notRegex(text, /(?:PASSWORD|SECRETS_KEY):-[^}]/);
  for (const [name, { ports = [] }] of Object.entries(services))
    for (const port of ports)
      t.true(name === 'proxy' || /^(?:\$\{BIND:-)?127\.0\.0\.1/.test(port), `${name} ${port}`);
});

test('the profiles are tls, observe and scale; without one the exchange itself runs', (t) => {
  const byProfile = Object.groupBy(
    Object.keys(services),
    (name) => services[name]!.profiles?.join() ?? 'core',
  );
  t.deepEqual(Object.keys(byProfile).sort(), ['core', 'observe', 'scale', 'tls']);
  t.deepEqual(byProfile.core!.sort(), [
    'api',
    'matcher',
    'migrate',
    'notifier',
    'postgres',
    'redis',
    'secrets',
    'writer',
  ]);
});

test('every file that is mounted is there, and everything Prometheus is to scrape is a service', (t) => {
  for (const { volumes = [] } of Object.values(services))
    for (const [from] of volumes.map((volume) => volume.split(':')))
      if (from!.startsWith('./')) t.true(globSync(from!, { cwd: root }).length === 1, from);
  for (const [, name] of read('deploy/prometheus/prometheus.yml').matchAll(/names: \[(\w+)\]/g))
    t.true(name! in services, name);
});

test('a volume of secrets takes its owner from a folder of the image', (t) => {
  const made = /for name in ([\w ]+); do mkdir -p \/secrets\/\$name/.exec(read('Dockerfile'))![1]!.split(' ');
  const mounted = services.secrets!.volumes!.map((volume) => volume.split(':/secrets/')[1]!);
  t.deepEqual(made.toSorted(), mounted.toSorted());
});

test('what the image copies is sent to the builder', (t) => {
  const sent = new Set([...read('.dockerignore').matchAll(/^!(\S+)/gm)].map(([, name]) => name));
  for (const [, sources] of read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm))
    for (const source of sources!.split(' ')) t.true(sent.has(source.split('/')[0]!), source);
});
