import type { Redis } from 'ioredis';
import type { Context, Middleware } from 'koa';
import {
  BurstyRateLimiter,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Config } from '../../core/config.ts';
import type { ClaimState, PublicState } from '../http/context.ts';
import { TooManyRequests } from '../http/errors.ts';

/** How many a second, and how many at once after a rest. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/** What counts the requests to a route: before its handler, and behind whatever finds its caller and reads its body. */
export type Limits = {
  readonly forAll: (route: string) => Middleware<PublicState> | null;
  readonly forCallers: (route: string) => Middleware<ClaimState> | null;
  /** Counts a request that showed credentials of nobody. */
  readonly failed: (ctx: Context) => Promise<void>;
};

/** Probes, and the files of pages, of which one view takes many. */
export const neverLimited: ReadonlySet<string> = new Set([
  ...['GET /health/live', 'GET /health/ready', 'GET /metrics'],
  ...['GET /', 'GET /favicon.svg', 'GET /assets/:file', 'GET /page/settings'],
  ...['GET /docs', 'GET /docs/:file', 'GET /openapi.json'],
]);
const placing = new Set(['POST /orders', 'POST /orders/batch', 'PUT /orders/:id']);

export const noLimits: Limits = { forAll: () => null, forCallers: () => null, failed: async () => {} };

/** Counts in memory, each worker its share; or in a Redis that is not the matcher's, all workers together. */
export function createLimits(config: Config, redis: Redis | null): Limits {
  if (!config.rateLimits) return noLimits;
  const counter = (keyPrefix: string, rate: Rate) => createCounter(keyPrefix, rate, config.apiWorkers, redis);
  const publicCounter = counter('public', config.publicRate);
  const privateCounter = counter('private', config.privateRate);
  const fillsCounter = counter('fills', config.fillsRate);
  const ordersCounter = counter('orders', config.ordersRate);
  const limitPublic: Middleware = async (ctx, next) => {
    await count(ctx, publicCounter, ctx.ip, 'Public');
    return next();
  };
  return {
    forAll: (route) => (neverLimited.has(route) ? null : limitPublic),
    forCallers: (route) => {
      const requests = route === 'GET /fills' ? fillsCounter : privateCounter;
      const orders = placing.has(route) ? ordersCounter : null;
      return async (ctx, next) => {
        const who = whoIsCounted(ctx.state);
        if (who === null) return next();
        await count(ctx, requests, who, 'Private');
        if (orders) await count(ctx, orders, who, 'Private', ordersIn(ctx.request.body));
        return next();
      };
    },
    failed: (ctx) => count(ctx, publicCounter, ctx.ip, 'Public'),
  };
}

/** A trader, whatever it shows; staff that is limited by what it shows. Null is not limited. */
function whoIsCounted({ caller, claim }: ClaimState): string | null {
  if (caller.limits === 'none') return null;
  if (caller.traderId !== null) return `trader ${caller.traderId}`;
  const { keyId, personId, tokenId } = claim.shown;
  return `staff ${keyId}-${personId}-${tokenId}`;
}

function ordersIn(body: unknown): number {
  return Array.isArray(body) ? body.length : 1;
}

type Counter = Pick<BurstyRateLimiter, 'consume'> & { readonly rate: Rate };

function createCounter(keyPrefix: string, rate: Rate, workers: number, redis: Redis | null): Counter {
  const share = redis ? 1 : workers;
  const limiter = (prefix: string, points: number, duration: number) => {
    const memory = new RateLimiterMemory({ keyPrefix: prefix, points: Math.ceil(points / share), duration });
    if (!redis) return memory;
    // While that Redis is away each worker counts for itself.
    const insuranceLimiter = new RateLimiterMemory({ keyPrefix: prefix, points, duration });
    return new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: prefix,
      points,
      duration,
      insuranceLimiter,
    });
  };
  const extra = rate.burst - rate.perSecond;
  const limited = new BurstyRateLimiter(
    limiter(keyPrefix, rate.perSecond, 1),
    // What a burst took beyond the rate comes back as fast as the rate would bring it.
    limiter(`${keyPrefix}-burst`, Math.max(extra, 0), Math.max(1, Math.ceil(extra / rate.perSecond))),
  );
  return { rate, consume: (...args) => limited.consume(...args) };
}

/** Throws `TooManyRequests` in the dialect's words; otherwise the answer says how much is left. */
async function count(
  ctx: Pick<Context, 'set'>,
  counter: Counter,
  ...[who, kind, cost = 1]: [who: string, kind: 'Public' | 'Private', cost?: number]
): Promise<void> {
  try {
    const { remainingPoints, msBeforeNext } = await counter.consume(who, cost);
    ctx.set(headersOf(counter.rate, remainingPoints, msBeforeNext));
  } catch (refused) {
    const { msBeforeNext } = refused as RateLimiterRes;
    if (msBeforeNext === undefined) throw refused;
    const seconds = Math.max(1, Math.ceil(msBeforeNext / 1_000));
    throw new TooManyRequests(
      `${kind} rate limit exceeded`,
      seconds,
      headersOf(counter.rate, 0, msBeforeNext),
    );
  }
}

function headersOf({ perSecond }: Rate, remaining: number, ms: number): Record<string, string> {
  return {
    'RateLimit-Limit': String(perSecond),
    'RateLimit-Remaining': String(Math.max(remaining, 0)),
    'RateLimit-Reset': String(Math.max(1, Math.ceil(ms / 1_000))),
  };
}
