import type { Api } from '../../api.ts';
import { setCursors } from '../../http/cursors.ts';
import { iso } from '../../http/iso.ts';
import { readPage, readQuery } from '../../http/query.ts';
import type { CallerRoutes } from '../../http/routes.ts';
import { listOperations, type OperationRow } from './queries.ts';

export function operationRoutes(routes: CallerRoutes, api: Api): void {
  routes.get('/operations', async (ctx) => {
    const operations = await listOperations(api.pool, readPage(readQuery(ctx.querystring)));
    setCursors(ctx, operations, ({ id }) => id);
    ctx.body = operations.map(present);
  });
}

function present({ id, at, keyId, tokenId, requestId, ...rest }: OperationRow) {
  return {
    id: String(id),
    at: iso(at),
    key_id: keyId === null ? null : String(keyId),
    session_id: tokenId === null ? null : String(tokenId),
    request_id: requestId,
    ...rest,
  };
}
