import { type FragmentSqlToken, sql } from 'slonik';
import { z } from 'zod';
import type { Sealing } from '../../core/sealing.ts';
import { webhookSealContext } from '../../core/webhooks.ts';
import type { Queries } from '../../sql/with-timeout.ts';
import { totpContext } from './people/totp.ts';

/** Where sealed secrets lie. A test seals one of each anew. */
type Place = {
  readonly table: FragmentSqlToken;
  readonly secret: FragmentSqlToken;
  readonly sealedWith: FragmentSqlToken;
  readonly id: FragmentSqlToken;
  /** What the context of a seal is made of. */
  readonly subject: FragmentSqlToken;
  readonly contextOf: (subject: string) => string;
};

const webhooks = {
  table: sql.fragment`webhooks`,
  id: sql.fragment`webhook_id`,
  subject: sql.fragment`trader_id`,
  contextOf: (traderId: string) => webhookSealContext(Number(traderId)),
};

const places: readonly Place[] = [
  {
    table: sql.fragment`api_keys`,
    secret: sql.fragment`secret`,
    sealedWith: sql.fragment`sealed_with`,
    id: sql.fragment`key_id`,
    subject: sql.fragment`key`,
    contextOf: (key) => key,
  },
  {
    table: sql.fragment`people`,
    secret: sql.fragment`totp`,
    sealedWith: sql.fragment`totp_sealed_with`,
    id: sql.fragment`person_id`,
    subject: sql.fragment`person_id`,
    contextOf: (personId) => totpContext(Number(personId)),
  },
  { ...webhooks, secret: sql.fragment`secret`, sealedWith: sql.fragment`secret_sealed_with` },
  { ...webhooks, secret: sql.fragment`old_secret`, sealedWith: sql.fragment`old_secret_sealed_with` },
];

/** Seals every secret that another key than the newest seals, and returns how many there were. */
export async function reseal(pool: Queries, sealing: Sealing): Promise<number> {
  let count = 0;
  for (const place of places) count += await resealPlace(pool, sealing, place);
  return count;
}

const row = z.object({ id: z.number(), subject: z.string(), secret: z.string(), sealedWith: z.string() });

/** A secret that is replaced meanwhile is sealed with the newest key by then, or is left for the next time. */
async function resealPlace(pool: Queries, sealing: Sealing, place: Place): Promise<number> {
  const { table, secret, sealedWith, id, subject, contextOf } = place;
  const rows = await pool.any(sql.type(row)`
    select ${id} as id, ${subject}::text as subject, encode(${secret}, 'hex') as secret, ${sealedWith} as "sealedWith"
    from ${table} where ${sealedWith} <> ${sealing.newest}`);
  for (const found of rows) {
    const bytes = Buffer.from(found.secret, 'hex');
    const context = contextOf(found.subject);
    const sealed = sealing.seal(sealing.unseal({ bytes, sealedWith: found.sealedWith }, context), context);
    await pool.query(sql.unsafe`
      update ${table} set ${secret} = ${sql.binary(sealed.bytes)}, ${sealedWith} = ${sealed.sealedWith}
      where ${id} = ${found.id} and ${secret} = ${sql.binary(bytes)}`);
  }
  return rows.length;
}
