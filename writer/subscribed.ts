import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';

const row = z.object({ traderId: z.number() });

export type Subscribed = ReturnType<typeof createSubscribed>;

/** Which traders have webhooks, looked up once a second, so that what happens to all others costs nothing. */
export function createSubscribed(everyMs = 1_000) {
  let traders: ReadonlySet<number> = new Set();
  let dueAt = 0;
  return {
    traders: () => traders,
    refresh: async (connection: CommonQueryMethods): Promise<void> => {
      if (performance.now() < dueAt) return;
      const rows = await connection.any(
        sql.type(row)`select distinct trader_id as "traderId" from webhooks where disabled_at is null`,
      );
      traders = new Set(rows.map(({ traderId }) => traderId));
      dueAt = performance.now() + everyMs;
    },
  };
}
