import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { decodeCommand } from '../../core/wire/commands.ts';

/**
 * When the oldest command was accepted that PostgreSQL lacks, in Unix milliseconds; null if it has all of them. The streams keep
 * what PostgreSQL lacks, so one entry tells; it is read at each call. The time is the accepting api's.
 */
export async function unpersistedSince(
  redis: Redis,
  shard: string,
  { accepted, persisted }: { readonly accepted: number; readonly persisted: number },
): Promise<number | null> {
  if (persisted >= accepted) return null;
  const oldest = persisted + 1;
  const { commands } = shardKeys(shard);
  const [entry] = await redis.xrevrange(commands, `0-${oldest}`, '-', 'COUNT', 1);
  if (!entry) return null;
  const [id, [, lines]] = entry as [string, [string, string]];
  const line = lines.split('\n')[oldest - Number(id.slice(2))];
  return line === undefined ? null : decodeCommand(line).time;
}

/** The same as an age in seconds; zero if PostgreSQL has everything. */
export async function persistenceLag(...asked: Parameters<typeof unpersistedSince>): Promise<number> {
  const since = await unpersistedSince(...asked);
  return since === null ? 0 : Math.max(0, (Date.now() - since) / 1_000);
}
