// An audit from its first look to its last check.

import type { Redis } from 'ioredis';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { type EventsEntry, reportsAfter } from '../../../core/wire/events.ts';
import type { Report } from '../../../core/wire/reports.ts';
import { withPool, withRedis } from '../../launcher/connections.ts';
import { type Carried, carryAccounts, carryOrders, loadAccounts, loadOpenOrders } from './carried.ts';
import { type Checks, differs, newChecks } from './checks.ts';
import { entriesBetween, MissingError, readWaiting } from './events.ts';
import { checkRecord } from './record.ts';
import { checkRedis } from './redis-checks.ts';
import { findKeys, lookBetweenCommands, type RedisLook } from './redis-look.ts';
import { type Session, withSession } from './session.ts';

export type AuditOptions = {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly shard: string;
  /** Told how many steps are done, how many there are, and what comes next. */
  readonly progress: (done: number, all: number, next: string) => void;
};

export type Audit = {
  readonly shard: string;
  readonly first: number;
  /** Nothing before `first` is in archives. */
  readonly isWhole: boolean;
  /** PostgreSQL was looked at here, Redis there, and so much was accepted. */
  readonly checkpoint: number;
  readonly matched: number;
  readonly sequence: number;
  readonly checks: Checks;
};

export async function audit(options: AuditOptions): Promise<Audit> {
  const { databaseUrl, redisUrl, shard } = options;
  const settings = { sessions: 2, statementTimeoutMs: 60_000 };
  return withRedis(
    redisUrl,
    (redis) => withPool(databaseUrl, (pool) => auditShard({ pool, redis }, options), settings),
    { shard },
  );
}

type Connections = { readonly pool: DatabasePool; readonly redis: Redis };

async function auditShard({ pool, redis }: Connections, { shard, progress }: AuditOptions): Promise<Audit> {
  const checks = newChecks();
  return withSession(pool, shard, async (session) => {
    progress(0, 1, 'Redis and the open orders');
    const { carried, look } = await lookAtBoth(redis, session, checks);
    if (carried) checkRedis(carried, look, checks);
    const place = { sequence: numberIn(look, 'sequence'), matched: numberIn(look, 'matched') };
    await checkStreams({ pool, redis }, { shard, look, checks });
    await checkRecord(session, checks, progress);
    const { first, isWhole, checkpoint } = session;
    return { shard, first, isWhole, checkpoint, ...place, checks };
  });
}

function numberIn({ state }: RedisLook, name: string): number {
  return Number(state[name] ?? Number.NaN);
}

/** A trader whom the events name first may have come after the keys were listed; then Redis is looked at again. */
const mostLooks = 10;

type Looks = { readonly carried: Carried | null; readonly look: RedisLook };

/**
 * Redis right after PostgreSQL, so that it cannot be behind, and the events between the two before the writer trims them.
 * They are kept as text, and done to the open orders when those are here.
 */
async function lookAtBoth(redis: Redis, session: Session, checks: Checks): Promise<Looks> {
  const { shard, checkpoint } = session;
  const carried = await loadAccounts(session);
  const keys = await findKeys(redis, shard);
  const entries: EventsEntry[] = [];
  let after = checkpoint;
  for (let looks = 1; ; looks++) {
    const productIds = keys.productIds.union(carried.productIds);
    const traderIds = keys.traderIds.union(carried.traderIds);
    const look = await lookBetweenCommands(redis, shard, { productIds, traderIds });
    const through = numberIn(look, 'matched');
    if (!(through >= checkpoint)) {
      const matched = look.state.matched ?? 'nothing';
      differs(checks.events, `Redis has matched up to ${matched}, PostgreSQL holds ${checkpoint}`);
      return { carried: null, look };
    }
    const read = await readEntries(redis, { shard, after, through, checks });
    if (!read) return { carried: null, look };
    for (const report of reportsOf(read, after)) carryAccounts(carried, report);
    entries.push(...read);
    after = through;
    const isKnown = carried.traderIds.isSubsetOf(traderIds) && carried.productIds.isSubsetOf(productIds);
    if (!isKnown && looks < mostLooks) continue;
    await loadOpenOrders(session, carried);
    for (const report of reportsOf(entries, checkpoint)) carryOrders(carried, report);
    checks.events.looked = through - checkpoint;
    return { carried, look };
  }
}

type Reading = {
  readonly shard: string;
  readonly after: number;
  readonly through: number;
  readonly checks: Checks;
};

async function readEntries(
  redis: Redis,
  { shard, after, through, checks }: Reading,
): Promise<EventsEntry[] | null> {
  try {
    return await Array.fromAsync(entriesBetween(redis, shard, { after, through }));
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    differs(checks.events, error.message);
    return null;
  }
}

function* reportsOf(entries: readonly EventsEntry[], after: number): Generator<Report> {
  let last = after;
  for (const entry of entries) {
    yield* reportsAfter(last, entry);
    last = entry.last;
  }
}

type Streams = { readonly shard: string; readonly look: RedisLook; readonly checks: Checks };

async function checkStreams({ pool, redis }: Connections, { shard, look, checks }: Streams): Promise<void> {
  const { streams, dead } = checks;
  const [sequence, matched, persisted] = ['sequence', 'matched', 'persisted'].map((name) =>
    numberIn(look, name),
  );
  if (!(sequence! >= matched! && matched! >= persisted!))
    differs(streams, `sequence ${sequence}, matched ${matched} and persisted ${persisted} do not descend`);
  for (const [name, first] of [
    ['events', look.firstEvent],
    ['commands', look.firstCommand],
  ] as const) {
    streams.looked++;
    if (first !== null && first > persisted! + 1)
      differs(streams, `the ${name} stream begins at ${first}, and PostgreSQL has up to ${persisted}`);
  }
  const { checkpoint } = await pool.one(sql.type(z.object({ checkpoint: z.number() }))`
    select sequence as checkpoint from checkpoints where shard = ${shard}`);
  if (persisted! > checkpoint)
    differs(streams, `Redis says that PostgreSQL has up to ${persisted}, and it has up to ${checkpoint}`);
  try {
    await readWaiting(redis, shard, { after: matched!, through: sequence! });
    streams.looked += sequence! - matched!;
  } catch (error) {
    if (!(error instanceof MissingError)) throw error;
    differs(streams, error.message);
  }
  dead.looked++;
  if (look.dead > 0) differs(dead, `the dead stream holds ${look.dead} reports; read it with XRANGE`);
}
