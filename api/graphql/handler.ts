import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import DataLoader from 'dataloader';
import { createYoga, type GraphQLParams, type Plugin } from 'graphql-yoga';
import type { Api } from '../api.ts';
import type { Opening } from '../feed/identity.ts';
import { findFillsOfOrders } from '../fills/queries/fills-of-orders.ts';
import { createAnswerError } from '../http/middleware/answer-errors.ts';
import { createBounded, parseBounded } from './bounded.ts';
import type { Context, Operation } from './context.ts';
import { createEventStreams, type EventStreams } from './event-streams.ts';
import { mostFills } from './orders.ts';
import { createSchema, schemaText } from './schema.ts';
import { acceptGraphqlSockets } from './sockets.ts';

/** An operation that came by HTTP. */
export type Posted = Operation & { readonly params: GraphQLParams };

export type Handler = {
  readonly run: (operation: Posted, accept: string) => Promise<Response>;
  readonly eventStreams: EventStreams;
  readonly openSocket: (request: IncomingMessage, raw: Duplex, head: Buffer, opening: Opening) => void;
  readonly schema: string;
  readonly close: () => Promise<void>;
};

export function createHandler(api: Api): Handler {
  const schema = createSchema();
  const bounded = createBounded(createAnswerError(api.log, api.metrics));
  const contextOf = (operation: Operation): Context => createContext(api, operation);
  const bounding: Plugin<object, Posted> = {
    // The body was read before, as all bodies are.
    onRequestParse: ({ serverContext, setRequestParser }) => setRequestParser(() => serverContext.params),
    onParse: ({ setParseFn }) => setParseFn(parseBounded),
    onExecute: ({ setExecuteFn }) => setExecuteFn(bounded.execute),
    onSubscribe: ({ setSubscribeFn }) => setSubscribeFn(bounded.subscribe),
  };
  const yoga = createYoga<Posted>({
    ...{ schema, graphqlEndpoint: '/graphql', context: contextOf },
    ...{ graphiql: false, landingPage: false, cors: false, logging: false, multipart: false },
    // Errors are presented where operations are run.
    maskedErrors: false,
    plugins: [bounding],
  });
  const eventStreams = createEventStreams(api.config);
  const sockets = acceptGraphqlSockets(api, { schema, bounded, contextOf });
  return {
    schema: schemaText(schema),
    ...{ eventStreams, openSocket: sockets.open },
    close: async () => {
      eventStreams.close();
      await sockets.close();
    },
    run: async (operation, accept) =>
      yoga.fetch('http://exchange/graphql', { method: 'POST', headers: { accept } }, operation),
  };
}

/** What is looked up for the fields of one operation is looked up together. */
function createContext(api: Api, { requestId, claim }: Operation): Context {
  let known: ReturnType<Operation['claim']> | null = null;
  return {
    ...{ api, requestId },
    claim: () => {
      known ??= claim();
      return known;
    },
    recheck: async () => void (await claim()),
    fillsOf: new DataLoader(
      async (orders) => {
        // From the primary: an order and its fills stand in one answer, and orders may be of its last moment.
        const fills = await findFillsOfOrders(api.readsOf(orders[0]!.traderId), orders, mostFills);
        return orders.map(({ orderId }) => fills.get(orderId) ?? []);
      },
      { cacheKeyFn: ({ orderId }) => orderId },
    ),
  };
}
