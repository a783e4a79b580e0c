import type { RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import type { ApiMetrics } from '../../system/metrics.ts';
import type { PublicState } from '../context.ts';

/** Counts each request under its route's pattern, never its path, of which there are as many as there are orders. */
export function measure({ answered }: ApiMetrics): Middleware<PublicState> {
  return async (ctx, next) => {
    const start = performance.now();
    await next();
    const { routerPath = 'none' } = ctx as unknown as RouterContext<PublicState>;
    answered(ctx.method, routerPath, ctx.status, (performance.now() - start) / 1_000);
  };
}
