import { sql, UniqueIntegrityConstraintViolationError } from 'slonik';
import { z } from 'zod';
import type { Sealed } from '../../../core/sealing.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import { type Role, roles } from '../permissions.ts';

const personRow = z.object({
  personId: z.number(),
  name: z.string(),
  role: z.enum(roles),
  traderId: z.number().nullable(),
  password: z.string(),
  totp: z.string().nullable(),
  totpSealedWith: z.string().nullable(),
  totpIsOn: z.boolean(),
});
export type PersonRow = z.output<typeof personRow>;

const columns = sql.fragment`person_id as "personId", name, role, trader_id as "traderId", password,
  encode(totp, 'hex') as totp, totp_sealed_with as "totpSealedWith", totp_since is not null as "totpIsOn"`;

/** Names are one whatever their case. */
export async function findPersonByName(pool: Queries, name: string): Promise<PersonRow | null> {
  return pool.maybeOne(sql.type(personRow)`select ${columns} from people where lower(name) = lower(${name})`);
}

export async function findPerson(pool: Queries, personId: number): Promise<PersonRow | null> {
  return pool.maybeOne(sql.type(personRow)`select ${columns} from people where person_id = ${personId}`);
}

export type NewPerson = {
  readonly name: string;
  readonly role: Role;
  /** A trader that there is; null makes a new one for a person who trades. */
  readonly traderId: number | null;
  readonly password: string;
};

/** Null if the name, or the trader, is somebody's already. */
export async function insertPerson(pool: Queries, person: NewPerson): Promise<PersonRow | null> {
  const isNewTrader = person.role === 'trader' && person.traderId === null;
  try {
    return await pool.one(sql.type(personRow)`
      with made as (
        insert into traders (trader_id) select nextval('trader_numbers') where ${isNewTrader} returning trader_id
      )
      insert into people (name, role, trader_id, password)
      select ${person.name}, ${person.role}, coalesce(${person.traderId}::int, (select trader_id from made)),
        ${person.password}
      returning ${columns}`);
  } catch (error) {
    if (error instanceof UniqueIntegrityConstraintViolationError) return null;
    throw error;
  }
}

/** Sets a password, ends every session of the person but `exceptTokenId`, and makes earlier links worthless. */
export async function setPassword(
  pool: Queries,
  personId: number,
  password: string,
  exceptTokenId: number | null,
): Promise<void> {
  await pool.query(sql.unsafe`
    with ended as (
      delete from tokens where person_id = ${personId} and token_id is distinct from ${exceptTokenId}::int
    ), used as (delete from password_resets where person_id = ${personId})
    update people set password = ${password} where person_id = ${personId}`);
}

export async function insertReset(
  pool: Queries,
  reset: { personId: number; digest: Buffer; minutes: number },
): Promise<void> {
  await pool.query(sql.unsafe`
    with past as (delete from password_resets where person_id = ${reset.personId} or expires_at < now())
    insert into password_resets (sha256, person_id, expires_at)
    values (${sql.binary(reset.digest)}, ${reset.personId}, now() + make_interval(mins => ${reset.minutes}))`);
}

const resetRow = z.object({ personId: z.number() });

/** Whose link it was; it is good once. Null if it is not good. */
export async function useReset(pool: Queries, digest: Buffer): Promise<number | null> {
  const row = await pool.maybeOne(sql.type(resetRow)`
    delete from password_resets where sha256 = ${sql.binary(digest)} and expires_at > now()
    returning person_id as "personId"`);
  return row?.personId ?? null;
}

/** Keeps a secret that counts only once a code of it was shown. False if a second factor is on already. */
export async function offerTotp(
  pool: Queries,
  personId: number,
  { bytes, sealedWith }: Sealed,
): Promise<boolean> {
  const { rowCount } = await pool.query(sql.unsafe`
    update people set totp = ${sql.binary(bytes)}, totp_sealed_with = ${sealedWith}
    where person_id = ${personId} and totp_since is null`);
  return rowCount > 0;
}

export async function startTotp(
  pool: Queries,
  personId: number,
  recoveryCodes: readonly Buffer[],
): Promise<void> {
  await pool.query(sql.unsafe`
    with gone as (delete from recovery_codes where person_id = ${personId}),
    codes as (
      insert into recovery_codes (person_id, sha256)
      select ${personId}, code from unnest(${sql.array([...recoveryCodes], 'bytea')}) code
    )
    update people set totp_since = now() where person_id = ${personId} and totp_since is null`);
}

export async function endTotp(pool: Queries, personId: number): Promise<void> {
  await pool.query(sql.unsafe`
    with gone as (delete from recovery_codes where person_id = ${personId})
    update people set totp = null, totp_sealed_with = null, totp_since = null where person_id = ${personId}`);
}

/** A code is good for its step once. False if that step, or a later one, was used. */
export async function useTotpStep(pool: Queries, personId: number, step: number): Promise<boolean> {
  const { rowCount } = await pool.query(sql.unsafe`
    update people set totp_step = ${step} where person_id = ${personId} and totp_step < ${step}`);
  return rowCount > 0;
}

export async function useRecoveryCode(pool: Queries, personId: number, digest: Buffer): Promise<boolean> {
  const { rowCount } = await pool.query(sql.unsafe`
    delete from recovery_codes where person_id = ${personId} and sha256 = ${sql.binary(digest)}`);
  return rowCount > 0;
}
