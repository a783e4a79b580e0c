import koaCors from '@koa/cors';
import type { Context, Middleware } from 'koa';
import type { Config } from '../../../core/config.ts';
import { shardsAwayHeader } from '../shards-away.ts';

const exposed = [
  ...[
    'CB-BEFORE',
    'CB-AFTER',
    'Cardstock-Covers-From',
    shardsAwayHeader,
    'Cardstock-Batch-Shards',
    'X-Request-Id',
    'Retry-After',
  ],
  ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
];

/** Answers pages of other origins, and their preflights. With `*` any page may ask, but none sends a cookie along. */
export function cors({ corsOrigins }: Pick<Config, 'corsOrigins'>): Middleware {
  const named = new Set(corsOrigins);
  const isNamed = (ctx: Context): boolean => named.has(ctx.get('origin'));
  const answer = koaCors({
    origin: (ctx) => (isNamed(ctx) ? ctx.get('origin') : named.has('*') ? '*' : ''),
    credentials: isNamed,
    exposeHeaders: exposed,
    allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
    maxAge: 600,
    keepHeadersOnError: false,
  });
  return (ctx, next) => (ctx.req.headers.origin === undefined ? next() : answer(ctx, next));
}
