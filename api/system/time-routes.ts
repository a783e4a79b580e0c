import type { ApiRouter } from '../http/context.ts';

export function timeRoutes(router: ApiRouter): void {
  router.get('/time', (ctx) => {
    const now = Date.now();
    ctx.body = { iso: new Date(now).toISOString(), epoch: now / 1_000 };
  });
}
