import Router from '@koa/router';
import type { Middleware } from 'koa';
import type { CallerHandler, CallerState, PublicHandler, PublicState } from './context.ts';

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

export function createRouteTable(authenticate: Middleware<CallerState>): RouteTable {
  const router = new Router<PublicState>();
  return {
    forAll: routesBy((method, path, steps) => router[method](path, ...steps)),
    forCallers: routesBy((method, path, steps) => router[method](path, authenticate, ...steps)),
    router,
  };
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
