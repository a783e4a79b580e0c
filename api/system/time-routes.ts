import type { PublicRoutes } from '../http/routes.ts';

export function timeRoutes(routes: PublicRoutes): void {
  routes.get('/time', (ctx) => {
    const now = Date.now();
    ctx.body = { iso: new Date(now).toISOString(), epoch: now / 1_000 };
  });
}
