import type { Context, Middleware } from 'koa';
import { Forbidden, InvalidToken, Unauthorized } from '../errors.ts';
import type { ClaimState } from '../http/context.ts';
import { bodyOf } from './authorize.ts';
import type { Callers, Claim } from './callers.ts';
import { readSignature } from './keys/signed-request.ts';
import type { Door } from './open.ts';
import { sessionCookie } from './sessions/cookie.ts';

/** Finds out who a request says it comes from: by bearer token, by signature, or by the cookie of a session. */
export function authenticate({
  callers,
  ownOrigins,
  limits,
}: Pick<Door, 'callers' | 'ownOrigins' | 'limits'>): Middleware<ClaimState> {
  return async (ctx, next) => {
    try {
      ctx.state.claim = await claimOf(callers, ctx, ownOrigins);
    } catch (error) {
      if (error instanceof Unauthorized) ctx.set(await limits.countAddress(ctx.ip));
      throw error;
    }
    await next();
  };
}

/** Who asks a route that everybody may ask, where it matters all the same. */
export async function claimNow(
  { callers, ownOrigins }: Pick<Door, 'callers' | 'ownOrigins'>,
  ctx: Context,
): Promise<Claim> {
  const claim = await claimOf(callers, ctx, ownOrigins);
  if (claim.confirm) await claim.confirm(await bodyOf(ctx));
  return claim;
}

function claimOf(callers: Callers, ctx: Context, origins: ReadonlySet<string>): Promise<Claim> {
  const { headers, url = '', method = '' } = ctx.req;
  if (headers.authorization) return callers.byToken(tokenOf(headers.authorization));
  if (headers['cb-access-key']) {
    // The target as it came: clients sign what they send, percent-encoded or not.
    return callers.bySignature(readSignature(headers), { method, target: url }, ctx.ip);
  }
  const token = headers.cookie && ctx.cookies.get(sessionCookie);
  if (!token)
    throw new Unauthorized('CB-ACCESS-KEY header is required, or Authorization with a bearer token');
  refuseOtherSites(ctx, origins);
  return callers.byToken(token);
}

export function tokenOf(authorization: string): string {
  const [, token] = /^Bearer +([\w.~+/=-]{1,512})$/i.exec(authorization) ?? [];
  if (token === undefined) throw new InvalidToken();
  return token;
}

const readOnly = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A browser sends the cookie by itself, so what changes anything must come from a page of ours. */
function refuseOtherSites(ctx: Context, origins: ReadonlySet<string>): void {
  if (readOnly.has(ctx.method) || isOwnPage(ctx, origins)) return;
  throw new Forbidden('A session by cookie may be used from its own site only');
}

/** Browsers name the page's origin with every request that is not a plain GET. */
function isOwnPage({ req, protocol }: Context, origins: ReadonlySet<string>): boolean {
  const { origin, host } = req.headers;
  if (origin === undefined) return req.headers['sec-fetch-site'] === 'same-origin';
  return origin === `${protocol}://${host}` || origins.has(origin);
}
