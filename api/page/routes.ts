import { fileURLToPath } from 'node:url';
import { send } from '@koa/send';
import type { Api } from '../api.ts';
import { sessionCookie } from '../auth/sessions/cookie.ts';
import { NotFound } from '../errors.ts';
import type { PublicContext } from '../http/context.ts';
import { pagePolicy } from '../http/middleware/page-policy.ts';
import type { PublicRoutes } from '../http/routes.ts';

const built = fileURLToPath(new URL('../../web/dist', import.meta.url));
const yearMs = 365 * 24 * 3_600 * 1_000;

/** The trading page, as `npm run page` has built it. */
export function pageRoutes(routes: PublicRoutes, { config }: Api): void {
  routes.get('/', pagePolicy, (ctx) => sendBuilt(ctx, 'index.html'));
  routes.get('/favicon.svg', pagePolicy, (ctx) => sendBuilt(ctx, 'favicon.svg'));
  // The name of an asset has a hash of its content in it: what it names never changes.
  routes.get('/assets/:file', pagePolicy, (ctx) => sendBuilt(ctx, `assets/${ctx.params.file}`, yearMs));
  routes.get('/page/settings', (ctx) => {
    const session = ctx.cookies.get(sessionCookie) !== undefined;
    ctx.body = { demo: config.demoLogin, sign_up: config.signUp, session };
  });
}

async function sendBuilt(ctx: PublicContext, file: string, maxAge = 0): Promise<void> {
  const answered = await send(ctx, file, {
    root: built,
    maxAge,
    immutable: maxAge > 0,
    setHeaders: (res, _path, stats) =>
      res.setHeader('ETag', `W/"${stats.size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}"`),
  }).catch((error: { status?: number }) => {
    if ((error.status ?? 500) >= 500) throw error;
  });
  if (answered === undefined) throw new NotFound();
  if (maxAge === 0) ctx.set('Cache-Control', 'no-cache');
  if (ctx.fresh) ctx.status = 304;
}
