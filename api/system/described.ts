import { z } from 'zod';
import { type Described, timeText } from '../openapi/described.ts';

const away = z
  .array(z.string())
  .optional()
  .meta({ description: 'Shards that cannot take orders, if others can' });

export const systemDescribed = {
  'GET /time': {
    tag: 'System',
    summary: 'The server’s time',
    answer: z.object({ iso: timeText, epoch: z.number() }),
  },
  'GET /health/live': {
    tag: 'System',
    summary: 'Whether the process answers',
    answer: z.object({ status: z.literal('live') }),
  },
  'GET /health/ready': {
    tag: 'System',
    summary: 'Whether all is there that is needed',
    answer: z.object({
      status: z.literal('ready'),
      unpersisted_since: timeText
        .nullable()
        .meta({ description: 'The oldest command that PostgreSQL lacks' }),
      away,
    }),
  },
  'GET /health/trading': {
    tag: 'System',
    summary: 'Whether orders are taken, also while PostgreSQL is away',
    answer: z.object({ status: z.literal('trading'), away }),
  },
  'GET /metrics': { tag: 'System', summary: 'Metrics for Prometheus', answer: null },
  'GET /openapi.json': {
    tag: 'System',
    summary: 'This description',
    answer: z.looseObject({ openapi: z.string() }),
  },
  'GET /asyncapi.json': {
    tag: 'System',
    summary: 'The description of the feed and of order entry by socket',
    answer: z.looseObject({ asyncapi: z.string() }),
  },
  'GET /docs': { tag: 'System', summary: 'A page to read and try the API', answer: null },
  'GET /docs/:file': { tag: 'System', summary: 'What that page consists of', answer: null },
  'POST /graphql': {
    tag: 'System',
    summary: 'An operation of GraphQL',
    description:
      'Each private field is for those for whom its route is. `GET /graphql/schema.graphql` is the schema.',
    body: z.looseObject({ query: z.string(), variables: z.looseObject({}).optional() }),
    answer: z.looseObject({}),
    example: { query: '{ products(first: 2) { nodes { id } } }' },
  },
  'GET /graphql': { tag: 'System', summary: 'A page to try GraphQL', answer: null },
  'GET /graphql/:file': {
    tag: 'System',
    summary: 'What that page consists of, and the schema as `schema.graphql`',
    answer: null,
  },
  'GET /': { tag: 'System', summary: 'The trading page', answer: null },
  'GET /favicon.svg': { tag: 'System', summary: 'Its icon', answer: null },
  'GET /assets/:file': { tag: 'System', summary: 'What it consists of', answer: null },
  'GET /page/settings': {
    tag: 'System',
    summary: 'What the page may offer',
    answer: z.object({ demo: z.boolean(), sign_up: z.boolean(), session: z.boolean() }),
  },
} satisfies Record<string, Described>;
