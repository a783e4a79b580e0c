import { readFileSync } from 'node:fs';
import test from 'ava';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

test('the tests that SECURITY.md names are there, at least one for each risk of the OWASP API Top 10', (t) => {
  const rows = [...read('SECURITY.md').matchAll(/^\| (API\d+|) \| .*\| `(test\/\S+)`: (.+) \|$/gm)];
  const risks = new Set(rows.map(([, risk]) => risk!).filter((risk) => risk !== ''));
  t.deepEqual(
    [...risks],
    Array.from({ length: 10 }, (_, i) => `API${i + 1}`),
  );
  for (const [, , file, title] of rows) t.true(read(file!).includes(title!), `${file}: ${title}`);
});
