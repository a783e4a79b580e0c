import type { Context, Middleware } from 'koa';
import { Forbidden, Unauthorized } from '../errors.ts';
import { bodies, ownerOf } from '../http/body-budget.ts';
import type { ClaimState } from '../http/context.ts';
import { readBytes } from '../http/read-bytes.ts';
import type { Caller } from './caller.ts';
import type { Access, Permission, Role } from './permissions.ts';

/**
 * Lets a caller pass who is who it says, and whose role and credentials allow the route. It comes behind whatever reads
 * the body, which may be signed.
 */
export function authorize(access: CallerAccess): Middleware<ClaimState> {
  return async (ctx, next) => {
    const { caller, confirm } = ctx.state.claim;
    if (confirm) await confirm(await bodyOf(ctx));
    refuseUnlessAllowed(caller, access);
    ctx.state.caller = caller;
    await next();
  };
}

export type CallerAccess = Exclude<Access, 'everybody'>;

/** Throws if the caller's role or credentials do not allow what is asked. */
export function refuseUnlessAllowed(caller: Caller, { permission, roles }: CallerAccess): void {
  if (!roles.includes(caller.role)) throw new Forbidden(refusalOf(roles));
  if (!caller.permissions.has(permission)) throw new MissingPermission(permission);
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
export class MissingPermission extends Unauthorized {
  constructor(permission: Permission) {
    super(`The API key has no permission to ${permission}`);
    this.name = 'MissingPermission';
  }
}

function refusalOf(roles: readonly Role[]): string {
  if (roles.length > 1 && roles.includes('trader')) return 'An auditor reads, and changes nothing';
  return `${roles.map((role) => `${role === 'trader' ? 'A' : 'An'} ${role}'s`).join(' or ')} token is required`;
}
