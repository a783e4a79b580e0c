import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { redisProcesses, redisUserOf, redisUserRules } from '../../scripts/launcher/rights/redis-users.ts';
import { databaseProcesses, giveRights, type Passwords, roleOf } from '../../sql/rights.ts';
import { withPostgres } from '../../sql/with-postgres.ts';
import type { ProcessName } from './processes.ts';

const password = 'may-no-more-than-it-needs';
const sha256 = createHash('sha256').update(password).digest('hex');
const passwords = Object.fromEntries(databaseProcesses.map((process) => [process, password])) as Passwords;

type Servers = { readonly redis: Redis; readonly redisUrl: string; readonly databaseUrl: string };

/** Gives each kind of process a user and a role of its own, and says the addresses by which it comes as these. */
export async function leastRights(servers: Servers): Promise<(process: ProcessName) => NodeJS.ProcessEnv> {
  const { redis, redisUrl, databaseUrl } = servers;
  for (const process of redisProcesses)
    await redis.call('ACL', 'SETUSER', ...redisUserRules(process, sha256));
  await withPostgres(databaseUrl, async (client) => {
    const { rows } = await client.query<{ schema: string }>('select current_schema() as schema');
    await giveRights(client, rows[0]!.schema, passwords);
  });
  const redisUsers: ReadonlySet<string> = new Set(redisProcesses);
  return (process) => ({
    DATABASE_URL: as(roleOf(process), databaseUrl),
    ...(redisUsers.has(process)
      ? { REDIS_URL: as(redisUserOf(process as (typeof redisProcesses)[number]), redisUrl) }
      : {}),
  });
}

/** Addresses may be those of sockets. */
function as(user: string, address: string): string {
  if (address.startsWith('/'))
    return `${address.replace(/\?.*/, '')}?${new URLSearchParams({ username: user, password })}`;
  return address.replace(/\/\/(?:[^@/]*@)?/, `//${user}:${password}@`);
}
