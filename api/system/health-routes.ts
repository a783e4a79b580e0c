import { within } from '../../core/lifecycle.ts';
import type { Api } from '../api.ts';
import { Unavailable } from '../http/errors.ts';
import type { PublicRoutes } from '../http/routes.ts';
import { pingPostgres } from './queries/ping.ts';

const patienceMs = 2_000;

/** `live`: the process answers. `ready`: so do Redis and PostgreSQL, Redis takes orders, and the market data are up to date. */
export function healthRoutes(routes: PublicRoutes, api: Api): void {
  routes.get('/health/live', (ctx) => {
    ctx.body = { status: 'live' };
  });

  routes.get('/health/ready', async (ctx) => {
    if (api.hurried.aborted) throw new Unavailable('The process is stopping');
    await within(patienceMs, allAnswer(api), () => {
      throw new Unavailable(`Redis and PostgreSQL have not both answered within ${patienceMs} ms`);
    });
    ctx.body = { status: 'ready' };
  });
}

async function allAnswer({ pool, shards }: Api): Promise<void> {
  const answers = shards.all.map((shard) => Promise.all([shard.takesWrites(), shard.marketData.caughtUp()]));
  const [ofShards] = await Promise.all([Promise.allSettled(answers), pingPostgres(pool)]);
  const away = shards.all.filter((_, i) => ofShards[i]!.status === 'rejected').map(({ name }) => name);
  if (away.length > 0) throw new Unavailable(`Not ready: ${away.map((name) => `shard ${name}`).join(', ')}`);
}
