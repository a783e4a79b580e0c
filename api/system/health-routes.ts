import type { Api } from '../api.ts';
import type { PublicRoutes } from '../http/routes.ts';
import { assertReady, assertTrading } from './ready.ts';

/** `live`: the process answers. `ready`: so does what it needs. `trading`: it takes orders, whether PostgreSQL answers or not. */
export function healthRoutes(routes: PublicRoutes, api: Api): void {
  routes.get('/health/live', (ctx) => {
    ctx.body = { status: 'live' };
  });

  routes.get('/health/ready', async (ctx) => {
    const { unpersistedSince, away } = await assertReady(api);
    ctx.body = {
      ...{ status: 'ready', unpersisted_since: unpersistedSince },
      ...(away.length > 0 ? { away } : {}),
    };
  });

  routes.get('/health/trading', async (ctx) => {
    const away = await assertTrading(api);
    ctx.body = { status: 'trading', ...(away.length > 0 ? { away } : {}) };
  });
}
