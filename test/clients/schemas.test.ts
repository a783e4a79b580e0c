import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { openApiDocument } from '../../api/openapi/document.ts';

const client = fileURLToPath(new URL('../../clients/typescript', import.meta.url));

/** The bodies alone: what the client calls stands in `rest.ts`, and the refusals of 80 routes would be 6,000 lines. */
function schemasAsTypes(): string {
  const generator = createRequire(`${client}/package.json`).resolve('openapi-typescript/package.json');
  return execFileSync(
    process.execPath,
    // A field that has a default may be left out of a request.
    [`${dirname(generator)}/bin/cli.js`, '--default-non-nullable', 'false'],
    { cwd: client, input: JSON.stringify({ ...openApiDocument(), paths: {} }), encoding: 'utf8' },
  );
}

test("the client's types of bodies are what docs/openapi.json comes to", (t) => {
  const file = `${client}/src/generated/schemas.ts`;
  const text = schemasAsTypes();
  if (process.env.UPDATE_DOCS) writeFileSync(file, text);
  t.is(readFileSync(file, 'utf8'), text, 'run `npm run openapi` and commit what it writes');
});
