import type { Middleware } from 'koa';
import type { CallerState } from '../http/context.ts';
import { Forbidden, Unauthorized } from '../http/errors.ts';
import type { Access, Permission, Role } from './permissions.ts';

/** Lets a caller pass whose role and credentials allow the route. */
export function authorize({ permission, roles }: Exclude<Access, 'everybody'>): Middleware<CallerState> {
  const allowed = new Set(roles);
  return (ctx, next) => {
    const { caller } = ctx.state;
    if (!allowed.has(caller.role)) throw new Forbidden(refusalOf(roles));
    if (!caller.permissions.has(permission)) throw new MissingPermission(permission);
    return next();
  };
}

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
