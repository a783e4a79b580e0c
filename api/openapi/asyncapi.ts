import { z } from 'zod';
import { refusedRequest, requestsByMethod, resultsByMethod, toldByType } from '../feed/described.ts';
import { subscriptionMessage } from '../feed/subscriptions.ts';

const about = `The feed of Coinbase Exchange, and order entry on the same socket. A message with a \`type\` is the feed's, one with a
\`method\` is a request. Params and results of requests are the bodies of REST, which \`/openapi.json\` describes.`;

type Method = keyof typeof requestsByMethod;
const methods = Object.keys(requestsByMethod) as Method[];

const schemaRef = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const messageRef = (name: string) => ({ $ref: `#/channels/feed/messages/${name}` });
/** `order.cancelAll` becomes `order_cancelAll`: names in the document have no dots. */
const plain = (name: string): string => name.replaceAll('.', '_');

/** The description of all that goes over a socket, made of the schemas that read it and that tests hold it against. */
export function asyncApiDocument() {
  const asked = new Map<string, z.ZodType>([
    ['subscription', subscriptionMessage],
    ...methods.map((method) => [`ask_${plain(method)}`, requestsByMethod[method]] as const),
  ]);
  const told = new Map<string, z.ZodType>([
    ...Object.entries(toldByType),
    ...methods.map((method) => [`answer_${plain(method)}`, answerTo(method)] as const),
    ['refusal', refusedRequest],
  ]);
  const names = [...asked.keys(), ...told.keys()];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Cardstock by socket',
      version: '1.0.0',
      description: about,
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      exchange: {
        host: '{host}',
        protocol: 'ws',
        description: 'The api. Behind a proxy that ends TLS it is `wss`.',
        variables: { host: { default: '127.0.0.1:3000' } },
        security: [{ $ref: '#/components/securitySchemes/bearer' }],
      },
    },
    channels: {
      feed: {
        address: '/feed',
        description: 'The same is at `/`.',
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: { subscribe: subscribing(), tell: telling(), ...asking() },
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'Public channels need none. A message may carry `token` or a signature instead.',
        },
      },
      messages: Object.fromEntries(names.map((name) => [name, { name, payload: schemaRef(name) }])),
      schemas: { ...schemasOf(asked, 'input'), ...schemasOf(told, 'output') },
    },
  };
}

function answerTo(method: Method): z.ZodType {
  return z.object({
    id: requestsByMethod[method].shape.id,
    status: z.int(),
    result: resultsByMethod[method],
  });
}

const channel = { $ref: '#/channels/feed' };

function subscribing() {
  return {
    action: 'receive',
    channel,
    summary: 'Subscribe to channels, or end that',
    messages: [messageRef('subscription')],
    reply: { channel, messages: [messageRef('subscriptions'), messageRef('error')] },
  };
}

function telling() {
  const types = Object.keys(toldByType).filter((type) => type !== 'subscriptions' && type !== 'error');
  return { action: 'send', channel, summary: 'Tell what happens', messages: types.map(messageRef) };
}

function asking() {
  return Object.fromEntries(
    methods.map((method) => [
      plain(method),
      {
        action: 'receive',
        channel,
        summary: method,
        messages: [messageRef(`ask_${plain(method)}`)],
        reply: { channel, messages: [messageRef(`answer_${plain(method)}`), messageRef('refusal')] },
      },
    ]),
  );
}

function schemasOf(named: ReadonlyMap<string, z.ZodType>, io: 'input' | 'output') {
  return Object.fromEntries(
    [...named].map(([name, schema]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, {
        ...{ io, target: 'draft-7', unrepresentable: 'any', reused: 'inline' },
        // Ids would become references from the root of the document.
        metadata: z.registry<Record<string, unknown>>(),
      });
      return [name, rest];
    }),
  );
}
