import { Readable } from 'node:stream';
import type { GraphQLParams } from 'graphql-yoga';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { claimNow } from '../auth/authenticate.ts';
import type { Claim, Claimant } from '../auth/callers.ts';
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
    const params = ctx.request.body as GraphQLParams;
    const { run, eventStreams } = await graphql.handler();
    let shown: Claimant | null = null;
    const claim = async (): Promise<Claimant | null> => {
      shown = await claimIfShown(api, ctx);
      return shown;
    };
    const { accept = 'application/json' } = ctx.req.headers;
    const response = await run({ requestId: ctx.state.requestId, address: ctx.ip, claim, params }, accept);
    const events = eventsOf(response);
    if (events) endUnless(events, () => eventStreams.enter(ctx.res, ctx.ip, shown));
    ctx.status = response.status;
    for (const [name, value] of response.headers) ctx.set(name, value);
    ctx.body = events ?? Buffer.from(await response.arrayBuffer());
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

/** Yoga's streams are its own, and not Node's. Events wait where they are counted, and not here. */
function eventsOf(response: Response): Readable | null {
  if (response.headers.get('content-type') !== 'text/event-stream') return null;
  const events = Readable.from(response.body as unknown as AsyncIterable<Uint8Array>, { highWaterMark: 1 });
  // Only a stream that has begun can be ended: before, yoga throws out of nowhere.
  events.read(0);
  return events;
}

function endUnless(events: Readable, enter: () => void): void {
  try {
    enter();
  } catch (error) {
    events.destroy();
    throw error;
  }
}
