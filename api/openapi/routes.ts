import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { NotFound } from '../errors.ts';
import type { PublicContext } from '../http/context.ts';
import { pagePolicy } from '../http/middleware/page-policy.ts';
import type { PublicRoutes } from '../http/routes.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { openApiDocument } from './document.ts';

const swaggerUi = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Cardstock API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <div id="api"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

/** Calls carry the cookie of a session: to log in is to try \`POST /sessions\` on the page. */
const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
  withCredentials: true,
});
`;

type File = { readonly type: string; readonly read: () => Promise<string> };

/** The files of the page, and no others, whatever a path says. */
const files: ReadonlyMap<string, File> = new Map(
  (
    [
      ['start.js', 'text/javascript', async () => start],
      ['swagger-ui.css', 'text/css', () => readFile(`${swaggerUi}/swagger-ui.css`, 'utf8')],
      [
        'swagger-ui-bundle.js',
        'text/javascript',
        () => readFile(`${swaggerUi}/swagger-ui-bundle.js`, 'utf8'),
      ],
    ] as const
  ).map(([name, type, read]) => [name, { type: `${type}; charset=utf-8`, read }]),
);

export function openApiRoutes(routes: PublicRoutes): void {
  let document: string | null = null;
  routes.get('/openapi.json', (ctx) => {
    document ??= JSON.stringify(openApiDocument());
    ctx.type = 'json';
    ctx.body = document;
  });
  let sockets: string | null = null;
  routes.get('/asyncapi.json', (ctx) => {
    sockets ??= JSON.stringify(asyncApiDocument());
    ctx.type = 'json';
    ctx.body = sockets;
  });
  routes.get('/docs', pagePolicy, (ctx) => {
    ctx.type = 'html';
    ctx.body = page;
  });
  routes.get('/docs/:file', pagePolicy, answerFile);
}

async function answerFile(ctx: PublicContext): Promise<void> {
  const file = files.get(ctx.params.file!);
  if (!file) throw new NotFound();
  ctx.set('Cache-Control', 'public, max-age=3600');
  ctx.type = file.type;
  ctx.body = await file.read();
}
