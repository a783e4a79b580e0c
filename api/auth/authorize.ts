import type { Context, Middleware } from 'koa';
import { bodies, ownerOf } from '../http/body-budget.ts';
import type { ClaimState } from '../http/context.ts';
import { Forbidden, Unauthorized } from '../http/errors.ts';
import { readBytes } from '../http/read-bytes.ts';
import type { Access, Permission, Role } from './permissions.ts';

/**
 * Lets a caller pass who is who it says, and whose role and credentials allow the route. It comes behind whatever reads
 * the body, which may be signed.
 */
export function authorize({ permission, roles }: Exclude<Access, 'everybody'>): Middleware<ClaimState> {
  const allowed = new Set(roles);
  return async (ctx, next) => {
    const { caller, confirm } = ctx.state.claim;
    if (confirm) await confirm(await bodyOf(ctx));
    if (!allowed.has(caller.role)) throw new Forbidden(refusalOf(roles));
    if (!caller.permissions.has(permission)) throw new MissingPermission(permission);
    ctx.state.caller = caller;
    return next();
  };
}

/** Clients sign the body, also that of a GET, which no route reads. */
export async function bodyOf(ctx: Context): Promise<string> {
  const { req, request } = ctx;
  request.bytes ??= await readBytes(req, mostIgnored, bodies.hold(ownerOf(ctx)));
  return request.bytes.toString();
}

/** Mebibytes of a body that its route has no use for. */
const mostIgnored = 1 / 16;

/** CCXT takes 403 for a failure of the network, and tries again; in its dialect a key that may not do this is 401. */
class MissingPermission extends Unauthorized {
  constructor(permission: Permission) {
    super(`The API key has no permission to ${permission}`);
    this.name = 'MissingPermission';
  }
}

function refusalOf(roles: readonly Role[]): string {
  if (roles.length > 1 && roles.includes('trader')) return 'An auditor reads, and changes nothing';
  return `${roles.map((role) => `An ${role}'s`).join(' or ')} token is required`;
}
