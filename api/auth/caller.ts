import { type Permission, permissionsOf, type Role } from './permissions.ts';

/** Whose request it is, found once; nothing behind `api/auth/` knows by which credentials. */
export type Caller = {
  /** The trader that acts. Null for staff, who name the trader that they act for or look at. */
  readonly traderId: number | null;
  readonly role: Role;
  /** What the credentials allow, which may be less than the role does. */
  readonly permissions: ReadonlySet<Permission>;
  /** Whether requests are counted against the limits. */
  readonly limits: 'usual' | 'none';
};

/** The caller of a role, with all that its role allows. */
export function callerFor(role: Role, traderId: number | null): Caller {
  return {
    traderId,
    role,
    permissions: permissionsOf[role],
    limits: role === 'operator' ? 'none' : 'usual',
  };
}
