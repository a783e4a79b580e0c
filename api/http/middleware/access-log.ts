import type { Middleware } from 'koa';
import type { Log } from '../../../core/log.ts';
import type { PublicState } from '../context.ts';

/** A line for each request, at debug. It costs nothing at other levels. */
export function accessLog(log: Log): Middleware<PublicState> {
  if (!log.isLevelEnabled('debug')) return (_ctx, next) => next();
  return async (ctx, next) => {
    const start = performance.now();
    await next();
    const ms = Math.round((performance.now() - start) * 1_000) / 1_000;
    const { method, url, status } = ctx;
    log.debug({ requestId: ctx.state.requestId, method, url, status, ms }, 'answered');
  };
}
