import type { Redis } from 'ioredis';
import type { Middleware } from 'koa';
import {
  BurstyRateLimiter,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Config } from '../../core/config.ts';
import { TooManyRequests } from '../errors.ts';
import type { ClaimState, PublicState } from '../http/context.ts';
import { type Claimant, whoIs } from './callers.ts';

/** How many a second, and how many at once after a rest. */
export type Rate = { readonly perSecond: number; readonly burst: number };

/** What counts the requests to a route: before its handler, and behind whatever finds its caller and reads its body. */
export type Limits = {
  readonly forAll: (route: string) => Middleware<PublicState> | null;
  readonly forCallers: (route: string) => Middleware<ClaimState> | null;
  /** Counts a request of an address, which is public or showed credentials of nobody. */
  readonly countAddress: (address: string) => Promise<Counted>;
  /** Counts a caller's request to a route, and the orders in it. */
  readonly countCaller: (route: string, claim: Claimant, orders: number) => Promise<Counted>;
};

/** The headers that say how much is left. */
export type Counted = Readonly<Record<string, string>>;
const uncounted: Counted = {};

/** Probes, and the files of pages, of which one view takes many. */
export const neverLimited: ReadonlySet<string> = new Set([
  ...['GET /health/live', 'GET /health/ready', 'GET /health/trading', 'GET /metrics'],
  ...['GET /', 'GET /favicon.svg', 'GET /assets/:file', 'GET /page/settings'],
  ...['GET /docs', 'GET /docs/:file', 'GET /openapi.json', 'GET /asyncapi.json'],
  ...['GET /graphql', 'GET /graphql/:file'],
]);
/** What everybody reads then is counted by the address as well, since whoever may sign up has as many traders as it likes. */
const publishing = new Set(['POST /products/:id/messages', 'POST /links']);
const placing = new Set(['POST /orders', 'POST /orders/batch', 'PUT /orders/:id', 'PUT /orders/batch']);

export const noLimits: Limits = {
  forAll: () => null,
  forCallers: () => null,
  countAddress: async () => uncounted,
  countCaller: async () => uncounted,
};

/** Counts in memory, each worker its share; or in a Redis that is not the matcher's, all workers together. */
export function createLimits(config: Config, redis: Redis | null): Limits {
  if (!config.rateLimits) return noLimits;
  const counter = (keyPrefix: string, rate: Rate) => createCounter(keyPrefix, rate, config.apiWorkers, redis);
  const publicCounter = counter('public', config.publicRate);
  const privateCounter = counter('private', config.privateRate);
  const fillsCounter = counter('fills', config.fillsRate);
  const ordersCounter = counter('orders', config.ordersRate);
  const messagesCounter = counter('messages', config.messagesRate);
  const countAddress = (address: string) => count(publicCounter, address, 'Public');
  const limitPublic: Middleware = async (ctx, next) => {
    ctx.set(await countAddress(ctx.ip));
    return next();
  };
  const countCaller: Limits['countCaller'] = async (route, claim, orders) => {
    const who = whoIsCounted(claim);
    if (who === null) return uncounted;
    const requests = route === 'GET /fills' ? fillsCounter : privateCounter;
    const counted = await count(requests, who, 'Private');
    return placing.has(route) ? count(ordersCounter, who, 'Private', orders) : counted;
  };
  const countPublished = async (route: string, claim: Claimant, address: string): Promise<Counted> => {
    const who = whoIsCounted(claim);
    if (who === null || !publishing.has(route)) return uncounted;
    await count(messagesCounter, address, 'Private');
    return count(messagesCounter, who, 'Private');
  };
  return {
    ...{ countAddress, countCaller },
    forAll: (route) => (neverLimited.has(route) ? null : limitPublic),
    forCallers: (route) => async (ctx, next) => {
      ctx.set(await countCaller(route, ctx.state.claim, ordersIn(ctx.request.body)));
      ctx.set(await countPublished(route, ctx.state.claim, ctx.ip));
      return next();
    },
  };
}

/** Null is not limited. */
function whoIsCounted(whose: Claimant): string | null {
  return whose.caller.limits === 'none' ? null : whoIs(whose);
}

/** How many orders a body is about. */
export function ordersIn(body: unknown): number {
  if (Array.isArray(body)) return body.length;
  const isBatch = typeof body === 'object' && body !== null && 'orders' in body && Array.isArray(body.orders);
  return isBatch ? (body.orders as unknown[]).length : 1;
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

/** Says how much is left. Throws `TooManyRequests` in the dialect's words. */
async function count(
  counter: Counter,
  ...[who, kind, cost = 1]: [who: string, kind: 'Public' | 'Private', cost?: number]
): Promise<Counted> {
  try {
    const { remainingPoints, msBeforeNext } = await counter.consume(who, cost);
    return headersOf(counter.rate, remainingPoints, msBeforeNext);
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
