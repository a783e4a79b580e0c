import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Api } from '../api.ts';
import type { Identity } from '../auth/identify.ts';
import { createFindIdentity, type Opening } from '../feed/identity.ts';
import { newRequestId } from '../http/middleware/request-id.ts';
import { type Bounded, parseBounded } from './bounded.ts';
import type { Context, Operation } from './context.ts';

const largestMessage = 65_536;
/** Operations that one socket may have under way. */
const mostOperations = 50;

type Extra = { opening: Opening; identity: Identity | null };

type Parts = {
  readonly schema: GraphQLSchema;
  readonly bounded: Bounded;
  readonly contextOf: (operation: Operation) => Context;
};

/** Sockets by the protocol of graphql-ws. Who it is, the opening says, or `token` and so on of `connection_init`. */
export function acceptGraphqlSockets(api: Api, { schema, bounded, contextOf }: Parts) {
  const accepting = new WebSocketServer({
    ...{ noServer: true, perMessageDeflate: false, maxPayload: largestMessage, clientTracking: true },
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });
  const refuse = (message: string): GraphQLError[] => {
    api.metrics.answered('WS', '/graphql', 429, 0);
    return [new GraphQLError(message, { extensions: { code: 'TOO_MANY_REQUESTS', status: 429 } })];
  };
  const openings = new WeakMap<IncomingMessage, Opening>();
  const served = useServer<Record<string, unknown>, Partial<Extra>>(
    {
      ...{ schema, execute: bounded.execute, subscribe: bounded.subscribe, parse: parseBounded },
      onConnect: async ({ extra, connectionParams }) => {
        extra.opening = openings.get(extra.request)!;
        try {
          extra.identity = await createFindIdentity(api.callers, extra.opening)(connectionParams ?? {});
          return true;
        } catch {
          await api.limits.countAddress(extra.opening.address ?? '').catch(() => {});
          return false;
        }
      },
      onSubscribe: async ({ extra, subscriptions }) => {
        // The new one is among them, and one that fails leaves them as well.
        if (Object.keys(subscriptions).length > mostOperations)
          return refuse(`At most ${mostOperations} operations of a socket are under way`);
        try {
          await api.limits.countAddress(extra.opening!.address ?? '');
        } catch (error) {
          return refuse((error as Error).message);
        }
        return undefined;
      },
      context: ({ extra: { identity, opening } }) =>
        contextOf({
          requestId: newRequestId(),
          address: opening!.address ?? '',
          claim: async () => {
            await identity?.recheck();
            return identity ?? null;
          },
        }),
    },
    accepting,
  );
  return {
    open: (request: IncomingMessage, raw: Duplex, head: Buffer, opening: Opening): void => {
      openings.set(request, opening);
      accepting.handleUpgrade(request, raw, head, (ws) => {
        const cut = (): void => ws.terminate();
        ws.once('close', api.unread.add({ unread: () => raw.writableLength, cut }));
        accepting.emit('connection', ws, request);
      });
    },
    close: async () => served.dispose(),
  };
}
