import { shardKeys } from '../../core/keys.ts';
import { within } from '../../core/lifecycle.ts';
import type { Api } from '../api.ts';
import { Unavailable } from '../errors.ts';
import { iso } from '../http/iso.ts';
import type { PublicRoutes } from '../http/routes.ts';
import type { Shard } from '../shard/shard.ts';
import { unpersistedSince } from './persistence-lag.ts';
import { pingPostgres } from './queries/ping.ts';

const patienceMs = 2_000;

/**
 * `live`: the process answers. `ready`: so do Redis and PostgreSQL, Redis takes orders, the market data are up to date, and what
 * is accepted comes into PostgreSQL: orders could go on for a while without that, but nobody should rely on it.
 */
export function healthRoutes(routes: PublicRoutes, api: Api): void {
  routes.get('/health/live', (ctx) => {
    ctx.body = { status: 'live' };
  });

  routes.get('/health/ready', async (ctx) => {
    if (api.hurried.aborted) throw new Unavailable('The process is stopping');
    const since = await within(patienceMs, allAnswer(api), () => {
      throw new Unavailable(`Redis and PostgreSQL have not both answered within ${patienceMs} ms`);
    });
    const unpersisted = since === null ? null : iso(since);
    if (since !== null && Date.now() - since > api.config.readyLagMs)
      throw new Unavailable(`Not ready: nothing came into PostgreSQL since ${unpersisted}`);
    ctx.body = { status: 'ready', unpersisted_since: unpersisted };
  });
}

/** Resolves to when the oldest command was accepted that PostgreSQL lacks. */
async function allAnswer({ pool, shards }: Api): Promise<number | null> {
  const answers = shards.all.map((shard) => Promise.all([shard.takesWrites(), shard.marketData.caughtUp()]));
  const [ofShards, lacks] = await Promise.all([
    Promise.allSettled(answers),
    Promise.all(shards.all.map((shard) => oldestUnpersisted(shard).catch(() => null))),
    pingPostgres(pool),
  ]);
  const away = shards.all.filter((_, i) => ofShards[i]!.status === 'rejected').map(({ name }) => name);
  if (away.length > 0) throw new Unavailable(`Not ready: ${away.map((name) => `shard ${name}`).join(', ')}`);
  const times = lacks.filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}

async function oldestUnpersisted({ redis, name }: Shard): Promise<number | null> {
  const [accepted, persisted] = await redis.hmget(shardKeys(name).state, 'sequence', 'persisted');
  if (!accepted || !persisted) return null;
  return unpersistedSince(redis, name, { accepted: Number(accepted), persisted: Number(persisted) });
}
