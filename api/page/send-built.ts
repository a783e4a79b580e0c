import { fileURLToPath } from 'node:url';
import { send } from '@koa/send';
import { NotFound } from '../errors.ts';
import type { PublicContext } from '../http/context.ts';

const built = fileURLToPath(new URL('../../web/dist', import.meta.url));

/** Answers a file of the trading page, as `npm run page` has built it. Throws `NotFound` if it is not there. */
export async function sendBuilt(ctx: PublicContext, file: string, maxAge = 0): Promise<void> {
  const answered = await send(ctx, file, {
    root: built,
    maxAge,
    immutable: maxAge > 0,
    setHeaders: (res, _path, stats) =>
      res.setHeader('ETag', `W/"${stats.size.toString(36)}-${Math.trunc(stats.mtimeMs).toString(36)}"`),
  }).catch((error: { status?: number }) => {
    if ((error.status ?? 500) >= 500) throw error;
  });
  if (answered === undefined) throw new NotFound();
  if (maxAge === 0) ctx.set('Cache-Control', 'no-cache');
  if (ctx.fresh) ctx.status = 304;
}
