import type { Redis } from 'ioredis';
import { Counter, type Registry } from 'prom-client';
import type { Queries } from '../../sql/with-timeout.ts';
import { gaugeIn, newRegistry, patiently } from './asked.ts';
import { loadPostgresState, type PostgresState } from './queries/postgres-state.ts';

/**
 * What Redis and PostgreSQL say of themselves, so that the first look needs no exporter beside them. Asked at each call, as
 * the shards' sequences are. `redis` fails at once while Redis is away: `connectOnce`.
 */
export function createServerMetrics(redis: Redis, pool: Queries): () => Promise<string> {
  const ofRedis = createRedisMetrics();
  const ofPostgres = createPostgresMetrics();
  return async () => {
    const [info, state] = await Promise.all([patiently(redis.info()), patiently(loadPostgresState(pool))]);
    const texts = await Promise.all([info === null ? '' : ofRedis(fieldsOf(info)), ofPostgres(state)]);
    return texts.join('\n');
  };
}

/** The lines of INFO, `name:value`. */
function fieldsOf(info: string): (name: string) => number {
  const fields = new Map(
    info.split('\r\n').map((line) => line.split(':', 2) as [string, string | undefined]),
  );
  return (name) => Number(fields.get(name) ?? 0);
}

function createRedisMetrics() {
  const registry = newRegistry();
  const gauge = gaugeIn(registry);
  const counter = counterIn(registry);
  const memory = gauge('redis_memory_bytes', 'Memory that Redis uses for data.');
  const limit = gauge('redis_memory_limit_bytes', 'maxmemory of Redis; 0 is no limit.');
  const file = gauge('redis_file_bytes', 'Size of the append-only file.');
  const clients = gauge('redis_clients', 'Connections to Redis.');
  const commands = counter('redis_commands_total', 'Commands that Redis processed since it started.');
  const cpu = counter('redis_cpu_seconds_total', 'CPU time of Redis itself since it started.');
  return (field: (name: string) => number): Promise<string> => {
    registry.resetMetrics();
    memory.set(field('used_memory'));
    limit.set(field('maxmemory'));
    file.set(field('aof_current_size'));
    clients.set(field('connected_clients'));
    commands.inc(field('total_commands_processed'));
    cpu.inc(field('used_cpu_user') + field('used_cpu_sys'));
    return registry.metrics();
  };
}

function createPostgresMetrics() {
  const whether = newRegistry();
  const up = gaugeIn(whether)('postgres_up', '1 if PostgreSQL answered within a second, 0 if not.');
  const registry = newRegistry();
  const show = postgresMetrics(registry);
  return async (state: PostgresState | null): Promise<string> => {
    up.set(state ? 1 : 0);
    if (!state) return whether.metrics();
    show(state);
    return [await whether.metrics(), await registry.metrics()].join('\n');
  };
}

function postgresMetrics(registry: Registry) {
  const gauge = gaugeIn(registry);
  const counter = counterIn(registry);
  const size = gauge('postgres_size_bytes', 'Size of the database.');
  const byState = gaugeIn(registry, 'state');
  const sessions = byState('postgres_sessions', 'Sessions in the database, by what they do.');
  const oldest = gauge('postgres_oldest_transaction_seconds', 'Age of the oldest open transaction.');
  const commits = counter('postgres_commits_total', 'Transactions that were committed in the database.');
  const rollbacks = counter('postgres_rollbacks_total', 'Transactions that were rolled back.');
  return (state: PostgresState): void => {
    registry.resetMetrics();
    size.set(state.sizeBytes);
    sessions.set({ state: 'active' }, state.active);
    sessions.set({ state: 'idle' }, state.idle);
    sessions.set({ state: 'idle in transaction' }, state.idleInTransaction);
    oldest.set(state.oldestTransactionSeconds);
    commits.inc(state.commits);
    rollbacks.inc(state.rollbacks);
  };
}

/** Counted by the server; set anew at each scrape. */
const counterIn = (registry: Registry) => (name: string, help: string) =>
  new Counter({ name: `cardstock_${name}`, help, registers: [registry] });
