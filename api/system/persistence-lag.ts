import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { decodeCommand } from '../../core/wire/commands.ts';

/**
 * How long ago the oldest command was accepted that PostgreSQL lacks, in seconds. Zero if it has all of them. The streams keep
 * what PostgreSQL lacks, so one entry tells; it is read once a scrape. The time is the accepting api's.
 */
export async function persistenceLag(
  redis: Redis,
  shard: string,
  { accepted, persisted }: { readonly accepted: number; readonly persisted: number },
): Promise<number> {
  if (persisted >= accepted) return 0;
  const oldest = persisted + 1;
  const { commands } = shardKeys(shard);
  const [entry] = await redis.xrevrange(commands, `0-${oldest}`, '-', 'COUNT', 1);
  if (!entry) return 0;
  const [id, [, lines]] = entry as [string, [string, string]];
  const line = lines.split('\n')[oldest - Number(id.slice(2))];
  if (line === undefined) return 0;
  return Math.max(0, (Date.now() - decodeCommand(line).time) / 1_000);
}
