import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';

const targetRow = z.object({ target: z.string() });
const codeRow = z.object({ code: z.string() });

export async function findTarget(pool: Queries, code: string): Promise<string | null> {
  const row = await pool.maybeOne(sql.type(targetRow)`select target from links where code = ${code}`);
  return row?.target ?? null;
}

export async function findCode(pool: Queries, target: string): Promise<string | null> {
  const row = await pool.maybeOne(sql.type(codeRow)`select code from links where target = ${target}`);
  return row?.code ?? null;
}

export type Link = { readonly code: string; readonly traderId: number; readonly target: string };

/** False if the trader has made as many as it may, or another link has the code or the target. */
export async function insertLink(
  pool: Queries,
  { code, traderId, target }: Link,
  most: number,
): Promise<boolean> {
  const row = await pool.maybeOne(sql.type(codeRow)`
    insert into links (code, trader_id, target)
    select ${code}, trader_id, ${target}
    from (select trader_id from traders where trader_id = ${traderId} for update) trader
    where (select count(*) from links made where made.trader_id = trader.trader_id) < ${most}
    on conflict do nothing
    returning code`);
  return row !== null;
}
