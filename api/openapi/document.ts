import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { accountsDescribed } from '../accounts/described.ts';
import { authDescribed } from '../auth/described.ts';
import { neverLimited } from '../auth/limits.ts';
import { type Access, accessOf, type RouteName } from '../auth/permissions.ts';
import { sessionCookie } from '../auth/sessions/cookie.ts';
import { communityDescribed } from '../community/described.ts';
import { marketDataDescribed } from '../market-data/described.ts';
import { ordersDescribed } from '../orders/described.ts';
import { productsDescribed } from '../products/described.ts';
import { systemDescribed } from '../system/described.ts';
import { tradersDescribed } from '../traders/described.ts';
import { webhooksDescribed } from '../webhooks/described.ts';
import { type Described, refusal } from './described.ts';

/** Every route; one that is not described does not pass the type check. */
export const described: Readonly<Record<RouteName, Described>> = {
  ...systemDescribed,
  ...tradersDescribed,
  ...productsDescribed,
  ...marketDataDescribed,
  ...ordersDescribed,
  ...accountsDescribed,
  ...authDescribed,
  ...webhooksDescribed,
  ...communityDescribed,
};

const about = `The dialect is that of Coinbase Exchange. Prices, sizes and money are decimal texts; requests may carry
numbers too. A refusal is \`{"message"}\`. Lists are answered newest first; \`CB-BEFORE\` and \`CB-AFTER\` carry cursors.`;

const tags: Readonly<Record<Described['tag'], string>> = {
  'Market data': 'Products, books and trades, for everybody',
  Orders: 'A trader’s orders and fills',
  Money: 'A trader’s accounts, and what changed them',
  Identity: 'People, their sessions and their API keys',
  Webhooks: 'URLs that are told what happens to a trader',
  Community: 'What traders say to everybody',
  Operators: 'What operators do',
  System: 'For supervisors, and for readers of this',
};

/** The description of the whole API, made of the schemas that validate requests and that tests hold answers against. */
export function openApiDocument() {
  const paths: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries(described) as [RouteName, Described][]) {
    const [method, pattern] = name.split(' ') as [string, string];
    const path = pattern.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(name, route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Cardstock',
      version: '1.0.0',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    security: [],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The token of a session' },
        cookie: { type: 'apiKey', in: 'cookie', name: sessionCookie },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'CB-ACCESS-KEY',
          description:
            'With CB-ACCESS-SIGN, CB-ACCESS-TIMESTAMP and CB-ACCESS-PASSPHRASE: base64 of the HMAC-SHA256 of time, method, target and body',
        },
      },
    },
  });
}

function operationOf(name: RouteName, route: Described): ZodOpenApiOperationObject {
  const access: Access = accessOf[name];
  const parameters = [...name.matchAll(/:(\w+)/g)].map(([, parameter]) => parameter!);
  return {
    operationId: name.replace(/[^A-Za-z]+([A-Za-z])?/g, (_, next: string = '') => next.toUpperCase()),
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, mayAsk(access)].filter(Boolean).join(' '),
    ...(access === 'everybody' ? {} : { security: [{ bearer: [] }, { cookie: [] }, { signature: [] }] }),
    requestParams: {
      ...(parameters.length > 0
        ? { path: z.object(Object.fromEntries(parameters.map((each) => [each, z.string()]))) }
        : {}),
      ...(route.query ? { query: route.query } : {}),
    },
    ...(route.body
      ? {
          requestBody: {
            required: route.isBodyOptional !== true,
            content: { 'application/json': { schema: route.body, ...exampleOf(route) } },
          },
        }
      : {}),
    responses: responsesOf(name, route),
  };
}

function exampleOf({ example }: Described) {
  return example === undefined ? {} : { example: example as never };
}

function mayAsk(access: Access): string {
  if (access === 'everybody') return '';
  const { roles, permission } = access;
  return `For ${roles.map((role) => `${role}s`).join(', ')} with the permission \`${permission}\`.`;
}

const json = (schema: z.ZodType, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

/** Routes for everybody, and yet not for everything. */
const mayBeOperators: ReadonlySet<RouteName> = new Set(['POST /traders', 'POST /sessions/demo']);

/** Not every exchange has them: the page may not be built, and only a private start has demo logins. */
const mayBeAbsent = new Set<RouteName>(['GET /', 'GET /favicon.svg', 'POST /sessions/demo']);

/** They have all that they answer with, and wait for nothing. */
const neverAway = new Set<RouteName>([
  ...(['GET /time', 'GET /health/live', 'GET /metrics', 'GET /openapi.json', 'GET /asyncapi.json'] as const),
  ...(['GET /products', 'GET /products/:id', 'GET /currencies', 'GET /currencies/:id'] as const),
  ...(['GET /', 'GET /favicon.svg', 'GET /assets/:file', 'GET /page/settings'] as const),
  ...(['GET /docs', 'GET /docs/:file', 'GET /graphql', 'GET /graphql/:file'] as const),
  // What its fields lack stands in the answer.
  'POST /graphql',
]);

/** An API key has none. */
const needsSession = new Set<RouteName>(['GET /sessions/current', 'DELETE /sessions/current']);

/** The refusals that a route has by its kind: what it reads, what it names, and who may ask it. */
export function refusalsOf(name: RouteName, route: Described): number[] {
  const access: Access = accessOf[name];
  const isCaller = access !== 'everybody';
  return [
    ...(route.body || route.query || needsSession.has(name) ? [400] : []),
    ...(isCaller || name === 'POST /sessions' || name === 'POST /traders' ? [401] : []),
    // A session by cookie changes nothing for the pages of others.
    ...((isCaller && (access.roles.length < 3 || !name.startsWith('GET'))) || mayBeOperators.has(name)
      ? [403]
      : []),
    ...(name.includes(':') || mayBeAbsent.has(name) ? [404] : []),
    ...(neverLimited.has(name) ? [] : [429]),
    ...(neverAway.has(name) ? [] : [503]),
  ];
}

const meanings: Readonly<Record<number, string>> = {
  400: 'The request is wrong',
  401: 'The credentials are nobody’s, or lack the permission',
  403: 'The role may not do this',
  404: 'There is no such thing',
  429: 'Asked too often',
  503: 'Cannot be answered now; ask again',
};

function responsesOf(name: RouteName, route: Described): ZodOpenApiOperationObject['responses'] {
  const done = route.answer
    ? json(route.answer, 'Done')
    : { description: 'Done', content: { 'text/plain': { schema: z.string() } } };
  const also = Object.entries(route.also ?? {}).map(([status, schema]) => [status, json(schema, 'Accepted')]);
  const refusals = refusalsOf(name, route).map((status) => [
    String(status),
    json(refusal, meanings[status]!),
  ]);
  return { [route.status ?? 200]: done, ...Object.fromEntries([...also, ...refusals]) };
}
