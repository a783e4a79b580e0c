import { randomFillSync } from 'node:crypto';
import type { Middleware } from 'koa';
import type { PublicState } from '../context.ts';

/**
 * No space, and not `-` alone: the id is a word of every command of the request, where `-` stands for none. Nor what names an
 * order (`42`) or a trade (`A-USD:7`), by which it could not be looked up.
 */
const sane = /^(?!-$|[0-9]+$|[A-Z0-9]+-[A-Z0-9]+:[0-9]+$)[\w.:/+=-]{1,64}$/;

/** Every answer names its request, by the client's own `X-Request-Id` if that is fit for a header and a command. */
export function requestId(): Middleware<PublicState> {
  return (ctx, next) => {
    ctx.state.requestId = requestIdOr(ctx.req.headers['x-request-id']);
    ctx.res.setHeader('X-Request-Id', ctx.state.requestId);
    return next();
  };
}

/** The id that the client gives, if it is fit to be one. */
export function requestIdOr(given: unknown): string {
  return typeof given === 'string' && sane.test(given) ? given : newRequestId();
}

const idBytes = 12;
const pool = Buffer.alloc(idBytes * 1_024);
let used = pool.length;

/** Short, because it is stored with each command. Drawing the bytes of a thousand ids at once costs a tenth of one by one. */
export function newRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += idBytes;
  return pool.toString('base64url', used - idBytes, used);
}
