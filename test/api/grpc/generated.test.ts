import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const generated = 'api/grpc/generated';

function buf(...args: readonly string[]): string {
  return execFileSync(`${root}/node_modules/.bin/buf`, args, { cwd: root, encoding: 'utf8' });
}

function filesIn(folder: string): Record<string, string> {
  const paths = globSync('**/*.ts', { cwd: folder }).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

test('the proto files pass the linter of buf', (t) => {
  t.notThrows(() => buf('lint', 'proto'));
});

test('the code that is checked in is what the proto files generate; npm run proto renews it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'proto-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  buf('generate', '--template', 'proto/buf.gen.yaml', '--output', folder);
  t.deepEqual(filesIn(join(root, generated)), filesIn(join(folder, generated)));
});
