import type { Middleware } from 'koa';
import type { ClientAddress } from '../client-address.ts';

/** Lets a request come from its client rather than from the proxy; what others than trusted proxies say is left out. */
export function forwarded({ of, isTold }: ClientAddress): Middleware {
  return (ctx, next) => {
    ctx.request.ip = of(ctx.req);
    if (!isTold(ctx.req)) {
      delete ctx.req.headers['x-forwarded-proto'];
      delete ctx.req.headers['x-forwarded-host'];
    }
    return next();
  };
}
