import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { State } from '../context.ts';

const sane = /^[\w.:/+=-]{1,128}$/;

/** Every answer names its request, by the client's own `X-Request-Id` if that is fit for a header and a log line. */
export function requestId(): Middleware<State> {
  return (ctx, next) => {
    const given = ctx.req.headers['x-request-id'];
    ctx.state.requestId = typeof given === 'string' && sane.test(given) ? given : randomUUID();
    ctx.res.setHeader('X-Request-Id', ctx.state.requestId);
    return next();
  };
}
