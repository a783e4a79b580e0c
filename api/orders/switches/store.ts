import type { Redis } from 'ioredis';
import { shardKeys, switchClaimKey } from '../../../core/keys.ts';

/** What cancels a trader's orders in a shard unless it is put off in time. */
export type Switch =
  /** Those that were placed by a socket, which is over once no process says that it is there. */
  | {
      readonly kind: 'session';
      readonly traderId: number;
      readonly sessionId: string;
      /** The shard's sequence when the session began. */
      readonly from: number;
    }
  /** All of them, or those of a product. */
  | { readonly kind: 'after'; readonly traderId: number; readonly productId: string | null };

/** How long one process has for what it claimed. If it dies, another one does it after that. */
const claimMs = 10_000;
const mostAtOnce = 100;

export async function putOff(
  { redis, name }: InShard,
  switches: readonly Switch[],
  dueAt: number,
): Promise<void> {
  if (switches.length === 0) return;
  await redis.zadd(shardKeys(name).sessions, ...switches.flatMap((one) => [dueAt, encode(one)]));
}

export async function remove({ redis, name }: InShard, one: Switch): Promise<void> {
  await redis
    .multi()
    .zrem(shardKeys(name).sessions, encode(one))
    .del(switchClaimKey(name, encode(one)))
    .exec();
}

/** Those that are due and that nobody else is at. */
export async function claimDue({ redis, name }: InShard, now: number): Promise<Switch[]> {
  const due = await redis.zrangebyscore(shardKeys(name).sessions, 0, now, 'LIMIT', 0, mostAtOnce);
  const claimed: Switch[] = [];
  for (const member of due)
    if ((await redis.set(switchClaimKey(name, member), 1, 'PX', claimMs, 'NX')) === 'OK')
      claimed.push(decode(member));
  return claimed;
}

/** Whether it is still due: it may have been put off between. */
export async function isDue({ redis, name }: InShard, one: Switch, now: number): Promise<boolean> {
  const dueAt = await redis.zscore(shardKeys(name).sessions, encode(one));
  return dueAt !== null && Number(dueAt) <= now;
}

export type InShard = { readonly redis: Redis; readonly name: string };

function encode(one: Switch): string {
  return one.kind === 'session'
    ? `session ${one.traderId} ${one.sessionId} ${one.from}`
    : `after ${one.traderId} ${one.productId ?? '-'}`;
}

function decode(member: string): Switch {
  const [kind, trader, third, from] = member.split(' ');
  const traderId = Number(trader);
  return kind === 'session'
    ? { kind, traderId, sessionId: third!, from: Number(from) }
    : { kind: 'after', traderId, productId: third === '-' ? null : third! };
}
