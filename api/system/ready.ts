import { shardKeys } from '../../core/keys.ts';
import { within } from '../../core/lifecycle.ts';
import type { Api } from '../api.ts';
import { Unavailable } from '../errors.ts';
import { iso } from '../http/iso.ts';
import type { Shard } from '../shard/shard.ts';
import { unpersistedSince } from './persistence-lag.ts';
import { pingPostgres } from './queries/ping.ts';

const patienceMs = 2_000;

/** Since when PostgreSQL lacks something, and the shards that are away. */
export type Readiness = { readonly unpersistedSince: string | null; readonly away: readonly string[] };

/**
 * Throws `Unavailable` unless Redis and PostgreSQL answer, Redis takes orders, the market data are up to date, and what is
 * accepted comes into PostgreSQL: orders could go on for a while without that, but nobody should rely on it. Of several shards
 * one is enough, and the others are named: a balancer that took the process out would take those along that are there.
 */
export async function assertReady(api: Api): Promise<Readiness> {
  const [states] = await Promise.all([
    statesOf(api),
    within(patienceMs, pingPostgres(api.pool), () => {
      throw new Unavailable(`PostgreSQL has not answered within ${patienceMs} ms`);
    }),
  ]);
  const times = states.map(({ since }) => since).filter((time) => time !== null);
  const unpersisted = times.length === 0 ? null : iso(Math.min(...times));
  const away = states.filter((state) => !isReady(state, api.config.readyLagMs));
  if (away.length === states.length)
    throw new Unavailable(
      away.some(({ answers }) => answers)
        ? `Not ready: nothing came into PostgreSQL since ${unpersisted}`
        : `Not ready: ${away.map(({ name }) => `shard ${name}`).join(', ')}`,
    );
  return { unpersistedSince: unpersisted, away: away.map(({ name }) => name) };
}

/**
 * Throws `Unavailable` unless some shard takes orders, and returns the names of the others. PostgreSQL is not asked: a balancer that knows no
 * second best would send orders nowhere while it is away.
 */
export async function assertTrading(api: Api): Promise<readonly string[]> {
  const states = await statesOf(api);
  const away = states.filter(({ answers }) => !answers).map(({ name }) => name);
  if (away.length === states.length)
    throw new Unavailable(`Not trading: ${away.map((name) => `shard ${name}`).join(', ')}`);
  return away;
}

async function statesOf({ shards, hurried }: Api): Promise<readonly State[]> {
  if (hurried.aborted) throw new Unavailable('The process is stopping');
  return Promise.all(shards.all.map(stateOf));
}

/** `since`: when the oldest command was accepted that PostgreSQL lacks. */
type State = { readonly name: string; readonly answers: boolean; readonly since: number | null };

function isReady({ answers, since }: State, readyLagMs: number): boolean {
  return answers && (since === null || Date.now() - since <= readyLagMs);
}

async function stateOf(shard: Shard): Promise<State> {
  const { name } = shard;
  const asked = Promise.all([
    oldestUnpersisted(shard).catch(() => null),
    shard.takesWrites(),
    shard.marketData.caughtUp(),
  ]).then(([since]): State => ({ name, answers: true, since }));
  const away: State = { name, answers: false, since: null };
  return within(
    patienceMs,
    asked.catch(() => away),
    () => away,
  );
}

async function oldestUnpersisted({ redis, name }: Shard): Promise<number | null> {
  const [accepted, persisted] = await redis.hmget(shardKeys(name).state, 'sequence', 'persisted');
  if (!accepted || !persisted) return null;
  return unpersistedSince(redis, name, { accepted: Number(accepted), persisted: Number(persisted) });
}
