import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { claimNow } from '../auth/authenticate.ts';
import type { Claim } from '../auth/callers.ts';
import { sessionCookie } from '../auth/sessions/cookie.ts';
import { objectError, readBody } from '../http/body.ts';
import type { PublicContext } from '../http/context.ts';
import { jsonBody } from '../http/middleware/json-body.ts';
import { type PageFile, servePage } from '../http/page-files.ts';
import type { PublicRoutes } from '../http/routes.ts';
import { explorerFiles, explorerPage } from './explorer.ts';
import type { Graphql } from './graphql.ts';

const mostMebibytes = 1 / 16;
const anything = z.looseObject({}).optional();
/** What a `POST` must be before GraphQL looks at it. */
const operationBody = z.looseObject(
  { query: z.string(), operationName: z.string().optional(), variables: anything, extensions: anything },
  objectError,
);

export function graphqlRoutes(routes: PublicRoutes, api: Api, graphql: Graphql): void {
  routes.post('/graphql', jsonBody({ mebibytes: mostMebibytes }), async (ctx) => {
    readBody(operationBody, ctx.request.body);
    const { run } = await graphql.handler();
    const operation = {
      requestId: ctx.state.requestId,
      address: ctx.ip,
      claim: () => claimIfShown(api, ctx),
    };
    const { accept = 'application/json' } = ctx.req.headers;
    await answer(ctx, await run(operation, ctx.request.bytes!, accept));
  });
  const schema: PageFile = { type: 'text/plain', read: async () => (await graphql.handler()).schema };
  const files = new Map([...explorerFiles, ['schema.graphql', schema]]);
  servePage(routes, '/graphql', { html: explorerPage, files });
}

/** Null without credentials: much is for everybody. */
async function claimIfShown(api: Api, ctx: PublicContext): Promise<Claim | null> {
  const { authorization, cookie } = ctx.req.headers;
  const isShown = authorization || ctx.req.headers['cb-access-key'] || cookie?.includes(`${sessionCookie}=`);
  return isShown ? claimNow(api, ctx) : null;
}

async function answer(ctx: PublicContext, response: Response): Promise<void> {
  ctx.status = response.status;
  for (const [name, value] of response.headers) ctx.set(name, value);
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
  // Yoga's streams are its own, and not Node's.
  if (isStream && response.body)
    ctx.body = Readable.from(response.body as unknown as AsyncIterable<Uint8Array>);
  else ctx.body = Buffer.from(await response.arrayBuffer());
}
