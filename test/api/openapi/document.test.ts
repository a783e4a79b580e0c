import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import test from 'ava';
import { type Access, accessOf, type RouteName } from '../../../api/auth/permissions.ts';
import { asyncApiDocument } from '../../../api/openapi/asyncapi.ts';
import { described, openApiDocument } from '../../../api/openapi/document.ts';
import { type Exchange, startExchange } from '../../support/exchange.ts';

let exchange: Exchange;
test.before(async () => {
  exchange = await startExchange();
});
test.after.always(() => exchange?.stop());

const docs = new URL('../../../docs/', import.meta.url);

function isCurrent(file: string, text: string): boolean {
  const url = new URL(file, docs);
  if (process.env.UPDATE_DOCS) writeFileSync(url, text);
  return readFileSync(url, 'utf8') === text;
}

test('docs/openapi.json is what the schemas come to', (t) => {
  const text = `${JSON.stringify(openApiDocument(), null, 2)}\n`;
  t.true(isCurrent('openapi.json', text), 'run `npm run openapi` and commit what it writes');
});

test('docs/asyncapi.json is what the schemas of the sockets come to, and is AsyncAPI', (t) => {
  const document = asyncApiDocument();
  const text = `${JSON.stringify(document, null, 2)}\n`;
  t.true(isCurrent('asyncapi.json', text), 'run `npm run openapi` and commit what it writes');
  const options = { strict: false, validateFormats: false } as const;
  const specification = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json');
  // The specification brings the schema of schemas itself.
  const ajv = new Ajv({ ...options, meta: false, validateSchema: false });
  t.true(ajv.validate(specification, JSON.parse(text)), JSON.stringify(ajv.errors?.slice(0, 5), null, 2));
  for (const [name, schema] of Object.entries(document.components.schemas))
    t.notThrows(() => new Ajv(options).compile(schema), name);
});

test('docs/permissions.md is what the table of permissions says', (t) => {
  t.true(isCurrent('permissions.md', permissionsPage()), 'run `npm run openapi` and commit what it writes');
});

function permissionsPage(): string {
  const rows = (Object.entries(accessOf) as [RouteName, Access][]).map(([name, access]) => {
    const path = name.replaceAll(/:(\w+)/g, '{$1}');
    if (access === 'everybody') return `| \`${path}\` | | yes | yes | yes | yes |`;
    const by = (role: 'trader' | 'operator' | 'auditor') => (access.roles.includes(role) ? 'yes' : '');
    return `| \`${path}\` | \`${access.permission}\` | | ${by('trader')} | ${by('operator')} | ${by('auditor')} |`;
  });
  return `# Routes and permissions

Generated from \`api/auth/permissions.ts\` by \`npm run openapi\`. A test asks every route as every role with every permission.
[identity.md](identity.md) says what the roles and permissions are.

| route | a key needs | everybody | traders | operators | auditors |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

test('the exchange serves its description, and a page that shows it under a strict policy', async (t) => {
  t.is((await exchange.anonymous.get('/openapi.json')).body.openapi, '3.1.0');
  const page = await fetch(`${exchange.baseUrl}/docs`);
  const policy = page.headers.get('content-security-policy')!;
  t.regex(policy, /^default-src 'none';script-src 'self';/);
  t.notRegex(policy, /unsafe/);
  t.is(page.headers.get('x-content-type-options'), 'nosniff');
  const html = await page.text();
  for (const [, file] of html.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)) {
    const answer = await fetch(exchange.baseUrl + file);
    t.is(answer.status, 200, file);
    t.regex(answer.headers.get('content-type')!, /; charset=utf-8$/);
    t.true((await answer.text()).length > 100);
  }
  t.notRegex(html, /<script>|style=/);
});

test('the page gives no other file, whatever the path', async (t) => {
  const { send } = await import('../../support/raw-http.ts');
  for (const path of [
    'package.json',
    '..%2f..%2fpackage.json',
    '%2e%2e/%2e%2e/package.json',
    '../package.json',
    '__proto__',
  ])
    t.is(
      (await send(exchange.baseUrl, `GET /docs/${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`))
        .status,
      404,
      path,
    );
});

test('every example is taken as it stands', async (t) => {
  const path: Partial<Record<RouteName, string>> = {
    'PUT /products/:id': '/products/MEW-USD',
    'PUT /traders/:id': '/traders/1',
  };
  const { operator, anonymous } = exchange;
  await operator.post('/deposits', described['POST /deposits'].example);
  for (const [name, { example }] of Object.entries(described)) {
    if (example === undefined) continue;
    const [method, pattern] = name.split(' ') as [string, string];
    const target = path[name as RouteName] ?? pattern;
    const isTraders = /^POST \/(orders|api-keys|links)/.test(name);
    const isPublic = accessOf[name as RouteName] === 'everybody';
    const client = isPublic ? anonymous : isTraders ? await exchange.trader(1) : operator;
    const { status, body } = await client.send(method, target, JSON.stringify(example));
    t.is(status, 200, `${name}: ${JSON.stringify(body)}`);
  }
});
