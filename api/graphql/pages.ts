import { BadRequest } from '../errors.ts';
import type { Listed } from '../http/listed.ts';
import { type Query, queryOf } from '../http/query.ts';

/** The arguments of a connection. */
export type Asked = {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
};

const usualPage = 20;
const largestPage = 100;

/** How many rows a connection asks for. */
export function lengthOf({ first, last }: Asked): number {
  const length = first ?? last ?? usualPage;
  if (length < 1 || length > largestPage)
    throw new BadRequest(`Invalid ${first == null ? 'last' : 'first'}: must be 1 to ${largestPage}`);
  return length;
}

export type Fields = Parameters<typeof queryOf>[0];

/** A page as a connection: newest first, as the lists of REST are. `after` leads to older rows, `before` to newer ones. */
export async function connectionOf<Row, Node>(
  asked: Asked,
  list: (query: Query) => Promise<Listed<Row>>,
  {
    fields = {},
    nodeOf,
  }: {
    readonly fields?: Fields;
    readonly nodeOf: (row: Row) => Node;
  },
) {
  const { after, before, last } = asked;
  const length = lengthOf(asked);
  if (last != null && before == null) throw new BadRequest('Invalid last: goes with before only');
  // One more says whether there are more.
  const query = queryOf({ ...fields, after, before, limit: length + 1 });
  const { rows, cursorOf } = await list(query);
  const hasMore = rows.length > length;
  const isUpwards = before != null && after == null;
  const shown = !hasMore ? rows : isUpwards ? rows.slice(-length) : rows.slice(0, length);
  const edges = shown.map((row) => ({ cursor: cursorOf(row), node: nodeOf(row) }));
  return {
    edges,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: isUpwards || hasMore,
      hasPreviousPage: isUpwards ? hasMore : after != null,
    },
  };
}
