import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { type PageFile, servePage } from '../http/page-files.ts';
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

const files: ReadonlyMap<string, PageFile> = new Map([
  ['start.js', { type: 'text/javascript', read: () => start }],
  ['swagger-ui.css', { type: 'text/css', read: () => readFile(`${swaggerUi}/swagger-ui.css`, 'utf8') }],
  [
    'swagger-ui-bundle.js',
    { type: 'text/javascript', read: () => readFile(`${swaggerUi}/swagger-ui-bundle.js`, 'utf8') },
  ],
]);

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
  servePage(routes, '/docs', { html: page, files });
}
