import Router from '@koa/router';
import type { Middleware } from 'koa';
import { authorize } from '../auth/authorize.ts';
import type { Limits } from '../auth/limits.ts';
import { type Access, accessOf } from '../auth/permissions.ts';
import type { CallerHandler, ClaimState, PublicHandler, PublicState } from './context.ts';

/** What a route runs: middleware that needs no caller, and last its handler. */
type Steps<Handler> = [...Middleware<PublicState>[], Handler];
type Mount<Handler> = (path: string, ...steps: Steps<Handler>) => void;
type Routes<Handler> = Readonly<Record<'get' | 'post' | 'put' | 'delete', Mount<Handler>>>;

/** A handler that needs a caller is no `PublicHandler`, so it cannot be mounted without authentication. */
export type PublicRoutes = Routes<PublicHandler>;
export type CallerRoutes = Routes<CallerHandler>;

/** Routes for everybody and routes for callers, in one router. */
export type RouteTable = {
  readonly forAll: PublicRoutes;
  readonly forCallers: CallerRoutes;
  readonly router: Router<PublicState>;
};

type Parts = {
  readonly authenticate: Middleware<ClaimState>;
  readonly limits: Limits;
  /** Keeps what operators do. */
  readonly record: Middleware<ClaimState>;
};

export function createRouteTable({ authenticate, limits, record }: Parts): RouteTable {
  const router = new Router<PublicState>();
  return {
    forAll: routesBy((method, path, steps) => {
      if (accessFor(method, path) !== 'everybody') throw new Error(`${method} ${path} is not for everybody`);
      router[method](path, inOne([...listOf(limits.forAll(nameOf(method, path))), ...steps]));
    }),
    forCallers: routesBy((method, path, steps) => {
      const access = accessFor(method, path);
      if (access === 'everybody') throw new Error(`${method} ${path} has no permission to ask for`);
      const before = steps.slice(0, -1) as Middleware<PublicState>[];
      const limit = listOf(limits.forCallers(nameOf(method, path)));
      const handler = steps.at(-1) as CallerHandler;
      const recorded = method !== 'get' && isRecorded(nameOf(method, path), access) ? [record] : [];
      router[method](
        path,
        inOne([authenticate, ...before, authorize(access), ...limit, ...recorded, handler]),
      );
    }),
    router,
  };
}

/** What a route runs, whether it needs a caller or not: `createRouteTable` puts what finds the caller before what needs one. */
type Step = Middleware<ClaimState> | CallerHandler;

/** One middleware of several. Left to the router, they would be put together anew for each request. */
function inOne([first, ...others]: readonly Step[]): Middleware<PublicState> {
  if (others.length === 0) return first as Middleware<PublicState>;
  const rest = inOne(others);
  return (ctx, next) => (first as Middleware<PublicState>)(ctx, () => rest(ctx, next));
}

/**
 * Whether what operators change there is kept: all but their own sessions, and orders that they place, which the sequence keeps, and
 * by which an operator may feed a market.
 */
function isRecorded(name: string, { roles, permission }: Exclude<Access, 'everybody'>): boolean {
  if (name === 'POST /orders' || name === 'POST /orders/batch') return false;
  const isForOperators = roles.length === 1 && roles[0] === 'operator';
  return isForOperators || permission === 'trade' || / \/(api-keys|webhooks)/.test(name);
}

function nameOf(method: string, path: string): string {
  return `${method.toUpperCase()} ${path}`;
}

function listOf<T>(step: T | null): T[] {
  return step === null ? [] : [step];
}

/** What the table of permissions says of a route. One that it does not name cannot be mounted. */
function accessFor(method: string, path: string): Access {
  const access = (accessOf as Record<string, Access>)[nameOf(method, path)];
  if (!access) throw new Error(`api/auth/permissions.ts does not say who may ask ${method} ${path}`);
  return access;
}

function routesBy<Handler>(
  mount: (method: keyof Routes<Handler>, path: string, steps: Steps<Handler>) => void,
): Routes<Handler> {
  return {
    get: (path, ...steps) => mount('get', path, steps),
    post: (path, ...steps) => mount('post', path, steps),
    put: (path, ...steps) => mount('put', path, steps),
    delete: (path, ...steps) => mount('delete', path, steps),
  };
}
