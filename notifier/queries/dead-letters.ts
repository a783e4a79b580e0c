import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

const letterRow = z.object({
  webhookId: z.number(),
  messageId: z.string(),
  body: z.string(),
  traderId: z.number(),
  url: z.string(),
  secret: z.instanceof(Buffer),
  secretSealedWith: z.string(),
});

export type WantedLetter = z.infer<typeof letterRow>;

/** Takes dead letters that their traders want sent again. If the notifier dies over one, the trader asks anew. */
export function takeWantedLetters(pool: CommonQueryMethods, most: number): Promise<readonly WantedLetter[]> {
  return pool.any(sql.type(letterRow)`
    with taken as (
      update dead_letters set wanted_again = false
      where (webhook_id, message_id) in (
        select webhook_id, message_id from dead_letters where wanted_again order by died_at limit ${most}
        for update skip locked)
      returning webhook_id, message_id, body)
    select webhook_id as "webhookId", message_id as "messageId", body, trader_id as "traderId", url, secret,
      secret_sealed_with as "secretSealedWith"
    from taken join webhooks using (webhook_id)`);
}

export async function buryLetter(
  pool: CommonQueryMethods,
  { webhookId, messageId }: WantedLetter,
  error: string | null,
): Promise<void> {
  await pool.query(
    error === null
      ? sql.unsafe`delete from dead_letters where webhook_id = ${webhookId} and message_id = ${messageId}`
      : sql.unsafe`update dead_letters set error = ${error}, died_at = now()
          where webhook_id = ${webhookId} and message_id = ${messageId}`,
  );
}
