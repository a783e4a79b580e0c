import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';
import { type Permission, permissions, type Role, roles } from '../permissions.ts';

const sessionRow = z.object({
  tokenId: z.number(),
  role: z.enum(roles),
  traderId: z.number().nullable(),
  permissions: z.array(z.enum(permissions)).nullable(),
  name: z.string().nullable(),
  address: z.string().nullable(),
  agent: z.string().nullable(),
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
});
export type SessionRow = z.output<typeof sessionRow>;

const columns = sql.fragment`token_id as "tokenId", role, trader_id as "traderId", permissions::text[] as permissions,
  (select name from people where people.person_id = tokens.person_id) as name, host(address) as address, agent,
  (extract(epoch from created_at) * 1000)::bigint as "createdAt",
  (extract(epoch from expires_at) * 1000)::bigint as "expiresAt",
  (extract(epoch from last_used_at) * 1000)::bigint as "lastUsedAt"`;

export type NewSession = {
  readonly digest: Buffer;
  readonly role: Role;
  readonly traderId: number | null;
  readonly permissions: readonly Permission[] | null;
  readonly personId: number | null;
  readonly keyId: number | null;
  readonly address: string | null;
  readonly agent: string | null;
  readonly hours: number;
};

/** Stores a session, and clears away those of the same owner that are over. */
export async function insertSession(pool: Queries, session: NewSession): Promise<SessionRow> {
  const allowed = session.permissions && sql.array([...session.permissions], 'text');
  return pool.one(sql.type(sessionRow)`
    with over as (
      delete from tokens where expires_at < now() and trader_id is not distinct from ${session.traderId}::int
    )
    insert into tokens (sha256, role, trader_id, permissions, person_id, key_id, address, agent, expires_at)
    values (${sql.binary(session.digest)}, ${session.role}, ${session.traderId},
      ${allowed ?? null}::permission[], ${session.personId}, ${session.keyId}, ${session.address}::inet,
      ${session.agent}, now() + make_interval(hours => ${session.hours}))
    returning ${columns}`);
}

/** Whose sessions: a trader's, a member of staff's, or just the one token that there is. */
export type SessionOwner = {
  readonly traderId: number | null;
  readonly personId: number | null;
  readonly tokenId: number | null;
};

function ownedBy({ traderId, personId, tokenId }: SessionOwner) {
  if (traderId !== null) return sql.fragment`trader_id = ${traderId}`;
  if (personId !== null) return sql.fragment`person_id = ${personId}`;
  return sql.fragment`token_id = ${tokenId}::int`;
}

export async function listSessions(pool: Queries, owner: SessionOwner): Promise<readonly SessionRow[]> {
  return pool.any(sql.type(sessionRow)`
    select ${columns} from tokens
    where ${ownedBy(owner)} and (expires_at is null or expires_at > now())
    order by token_id desc limit 1000`);
}

const idRow = z.object({ tokenId: z.number() });

/** Ends one session of the owner, or all of them, and returns which. */
export async function endSessions(
  pool: Queries,
  owner: SessionOwner,
  tokenId: number | null,
): Promise<number[]> {
  const one = tokenId === null ? sql.fragment`` : sql.fragment`and token_id = ${tokenId}`;
  const ended = await pool.any(sql.type(idRow)`
    delete from tokens where ${ownedBy(owner)} ${one} returning token_id as "tokenId"`);
  return ended.map((row) => row.tokenId);
}
