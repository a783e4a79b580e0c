import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Context, Middleware } from 'koa';
import { oncePer } from '../../../core/once-per.ts';

const zip = promisify(gzip);
/** Below this the answer is on its way before it were smaller. */
const least = 64 * 1_024;
/** Answers that are shared have the same bytes: they are compressed once. */
const zippedOnce = oncePer((bytes: Buffer) => zip(bytes, { level: constants.Z_BEST_SPEED }));

/** Compresses large JSON for clients that take gzip. */
export function compress(): Middleware {
  const compressed: Middleware = async (ctx, next) => {
    await next();
    const bytes = largeBytes(ctx);
    if (!bytes || ctx.res.headersSent) return;
    ctx.type = 'json';
    ctx.vary('Accept-Encoding');
    if (!ctx.acceptsEncodings('gzip')) return;
    ctx.body = await zippedOnce(bytes);
    ctx.set('Content-Encoding', 'gzip');
  };
  return (ctx, next) =>
    /\bgzip\b/.test(ctx.req.headers['accept-encoding'] ?? '') ? compressed(ctx, next) : next();
}

/** Null if the answer is no large JSON. */
function largeBytes({ body, response }: Pick<Context, 'body' | 'response'>): Buffer | null {
  if (typeof body === 'string') return body.length >= least && response.is('json') ? Buffer.from(body) : null;
  if (Buffer.isBuffer(body)) return body.length >= least ? body : null;
  // Only lists grow large.
  if (!Array.isArray(body) || body.length < 100) return null;
  const text = JSON.stringify(body);
  return text.length >= least ? Buffer.from(text) : null;
}
