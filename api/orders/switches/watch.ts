import { sleep } from '../../../core/lifecycle.ts';
import type { Api } from '../../api.ts';
import { newRequestId } from '../../http/middleware/request-id.ts';
import { RedisAwayError, UnavailableError } from '../../shard/errors.ts';
import type { Shard } from '../../shard/shard.ts';
import { thoseThere } from '../../shard/shards.ts';
import { cancelIn } from '../cancel.ts';
import { findOrdersOfRequests } from '../queries/session-orders.ts';
import { claimDue, isDue, putOff, remove, type Switch } from './store.ts';

const lookEveryMs = 250;
const renewEveryMs = 1_000;
/** A process that does not renew its sessions for so long is taken for dead. */
const leaseMs = 6_000;

type Session = Extract<Switch, { kind: 'session' }>;

export type Switches = {
  /** Holds a session of this process in every shard until `end` is called. Throws if no shard is there. */
  readonly hold: (traderId: number, sessionId: string) => Promise<{ readonly end: () => void }>;
  readonly close: () => Promise<void>;
};

/** What requests of a session have in front of their ids. */
export function requestPrefix(sessionId: string): string {
  return `${sessionId}/`;
}

/** A session of this process, and where each shard was when it began there. */
type Held = { readonly traderId: number; readonly sessionId: string; readonly from: Map<Shard, number> };

/** Renews the sessions of this process, and cancels what is due, whoever's it was. */
export function watchSwitches(api: Pick<Api, 'shards' | 'pool' | 'log'>): Switches {
  const held = new Set<Held>();
  const stop = new AbortController();
  const failed = (error: unknown): void =>
    api.log.warn({ error: String(error) }, 'dead man’s switches have to wait');
  const renew = (shard: Shard, sessions: Iterable<Held>, now: number): Promise<void> =>
    putOff(
      shard,
      [...sessions].map((one) => sessionIn(shard, one)),
      now + leaseMs,
    );

  const watch = async (shard: Shard): Promise<void> => {
    let renewAt = 0;
    while (!stop.signal.aborted) {
      try {
        const now = Date.now();
        if (now >= renewAt) {
          await renew(shard, held, now);
          renewAt = now + renewEveryMs;
        }
        for (const one of await claimDue(shard, now)) await fire(api, shard, one);
      } catch (error) {
        if (!stop.signal.aborted) failed(error);
        await sleep(renewEveryMs, stop.signal);
      }
      await sleep(lookEveryMs, stop.signal);
    }
  };
  const watching: Promise<void>[] = [];
  api.shards.each((shard) => watching.push(watch(shard)));

  return {
    hold: async (traderId, sessionId) => {
      const one: Held = { traderId, sessionId, from: new Map() };
      // A shard that is away takes no orders, and has the session once it is back; so has one that is added.
      await thoseThere(api.shards.all, async (shard) =>
        asShardAnswers(() => renew(shard, [one], Date.now())),
      );
      held.add(one);
      return {
        end: () => {
          held.delete(one);
          // Where it fails, it is due when the lease is over.
          for (const shard of one.from.keys()) putOff(shard, [sessionIn(shard, one)], 0).catch(failed);
        },
      };
    },
    close: async () => {
      stop.abort();
      await Promise.all(watching);
    },
  };
}

/** Throws if the shard's market data are not there. */
function sessionIn(shard: Shard, { traderId, sessionId, from }: Held): Session {
  const sequence = from.get(shard) ?? shard.marketData.sequence();
  from.set(shard, sequence);
  return { kind: 'session', traderId, sessionId, from: sequence };
}

async function asShardAnswers(ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    throw error instanceof UnavailableError ? error : new RedisAwayError(String(error), { cause: error });
  }
}

async function fire(api: Pick<Api, 'pool' | 'log'>, shard: Shard, one: Switch): Promise<void> {
  if (!(await isDue(shard, one, Date.now()))) return;
  const { traderId } = one;
  await shard.matchedOf(traderId);
  const productId = one.kind === 'after' ? one.productId : null;
  const open = shard.marketData.openOrderIds(traderId, productId);
  const orderIds = one.kind === 'after' ? open : await ofSession(api, shard, one, open);
  const scope = { traderId, productId, requestId: newRequestId() };
  if (orderIds.length > 0) await cancelIn(shard, orderIds, scope);
  await remove(shard, one);
  api.log.info(
    { trader: traderId, kind: one.kind, orders: orderIds.length },
    'a dead man’s switch canceled orders',
  );
}

/** While PostgreSQL is away nobody knows which orders are the session's: all since its begin are canceled then. */
async function ofSession(
  { pool, log }: Pick<Api, 'pool' | 'log'>,
  shard: Shard,
  { traderId, sessionId, from }: Session,
  open: readonly number[],
): Promise<number[]> {
  const since = open.filter((orderId) => orderId > from);
  if (since.length === 0) return [];
  try {
    await shard.writesOf(traderId);
    return await findOrdersOfRequests(pool, since, requestPrefix(sessionId));
  } catch (error) {
    log.warn({ error: String(error), trader: traderId }, 'a session’s orders cannot be told from others');
    return since;
  }
}
