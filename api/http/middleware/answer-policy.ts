import type { Middleware } from 'koa';

/**
 * What helmet says of an answer that is no page, as far as a browser heeds it there: it is what its type says, shows and loads
 * nothing, stands in no frame, and names no address to others. Helmet itself would set twelve headers on each order's answer.
 */
const headers = Object.entries({
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
});

/** For every answer; those of pages say more (`page-policy.ts`). */
export function answerPolicy(): Middleware {
  return ({ res }, next) => {
    for (const [name, value] of headers) res.setHeader(name, value);
    return next();
  };
}
