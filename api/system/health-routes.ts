import type { Api } from '../api.ts';
import type { PublicRoutes } from '../http/routes.ts';
import { assertReady } from './ready.ts';

/** `live`: the process answers. `ready`: so does what it needs. */
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
}
