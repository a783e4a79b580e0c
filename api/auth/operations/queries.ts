import { sql } from 'slonik';
import { z } from 'zod';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { Page } from '../../http/query.ts';
import type { ShownCredentials } from '../callers.ts';

export type Operation = ShownCredentials & {
  readonly address: string | null;
  readonly requestId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: string | null;
  readonly before: string | null;
  readonly answer: string | null;
};

/** One statement for all that operators did in one turn of the event loop. */
export async function insertOperations(pool: Queries, operations: readonly Operation[]): Promise<true[]> {
  await pool.query(sql.unsafe`
    insert into operations (key_id, token_id, person_id, address, request_id, method, path, status, body, before, answer)
    select * from ${sql.unnest(
      operations.map((each) => [
        ...[each.keyId, each.tokenId, each.personId, each.address, each.requestId],
        ...[each.method, each.path, each.status, each.body, each.before, each.answer],
      ]),
      ['int4', 'int4', 'int4', 'inet', 'text', 'text', 'text', 'int4', 'jsonb', 'jsonb', 'jsonb'],
    )}`);
  return operations.map(() => true);
}

const row = z.object({
  id: z.number(),
  at: z.number(),
  keyId: z.number().nullable(),
  tokenId: z.number().nullable(),
  name: z.string().nullable(),
  address: z.string().nullable(),
  requestId: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.number(),
  body: z.unknown(),
  before: z.unknown(),
  answer: z.unknown(),
});
export type OperationRow = z.output<typeof row>;

export async function listOperations(
  pool: Queries,
  { limit, after, before }: Page,
): Promise<readonly OperationRow[]> {
  return pool.any(sql.type(row)`
    select operation_id as id, (extract(epoch from at) * 1000)::bigint as at, key_id as "keyId", token_id as "tokenId",
      (select name from people where people.person_id = operations.person_id) as name, host(address) as address,
      request_id as "requestId", method, path, status, body, before, answer
    from operations
    where (${after}::bigint is null or operation_id < ${after}) and (${before}::bigint is null or operation_id > ${before})
    order by operation_id desc limit ${limit}`);
}
