import type { Api } from '../api.ts';
import { sessionCookie } from '../auth/sessions/cookie.ts';
import { pagePolicy } from '../http/middleware/page-policy.ts';
import type { PublicRoutes } from '../http/routes.ts';
import { sendBuilt } from './send-built.ts';

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
