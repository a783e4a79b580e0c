import type { Middleware } from 'koa';
import type { Log } from '../../../core/log.ts';
import type { CallerState, PublicState } from '../context.ts';

/** A line for each request, at debug, without its query or body: there may be a secret in them. The level may change at any time. */
export function accessLog(log: Log): Middleware<PublicState> {
  const logged: Middleware<PublicState> = async (ctx, next) => {
    const start = performance.now();
    await next();
    const ms = Math.round((performance.now() - start) * 1_000) / 1_000;
    const { method, path, status } = ctx;
    const { requestId: request_id, traceId: trace_id, caller } = ctx.state as Partial<CallerState>;
    log.debug({ request_id, trace_id, trader_id: caller?.traderId, method, path, status, ms }, 'answered');
  };
  return (ctx, next) => (log.isLevelEnabled('debug') ? logged(ctx, next) : next());
}
