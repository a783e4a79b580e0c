import type { Context } from 'koa';
import type { Api } from '../../api.ts';

/** The cookie that carries a session's token for pages: no script reads it, and no other site's page sends it. */
export const sessionCookie = 'cardstock_session';

export function setCookie({ config }: Api, ctx: Context, token: string, expires: Date): void {
  const secure = ctx.secure || config.publicUrl?.startsWith('https:') === true;
  // The library refuses a secure cookie where it sees no TLS itself; a proxy may have ended it.
  ctx.cookies.secure = secure;
  ctx.cookies.set(sessionCookie, token, {
    ...{ httpOnly: true, sameSite: 'strict', path: '/', secure, expires, overwrite: true },
  });
}

export function clearCookie(api: Api, ctx: Context): void {
  setCookie(api, ctx, '', new Date(0));
}
