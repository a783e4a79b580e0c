import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import type { Config } from '../../core/config.ts';
import type { Api } from '../api.ts';
import { createCalls } from './calls.ts';
import { ExchangeService } from './generated/cardstock/v1/exchange.ts';
import { HealthService } from './generated/grpc/health/v1/health.ts';
import { healthCalls } from './health.ts';
import { listenForGrpc } from './listen.ts';
import { marketDataCalls } from './market-data.ts';
import { streamMarketData } from './market-stream.ts';
import { readingAll } from './messages.ts';
import { moneyCalls } from './money.ts';
import { createOpenCalls } from './open-calls.ts';
import { streamOrders } from './order-stream.ts';
import { orderCalls } from './orders.ts';

/** The largest batch is 200 kB. */
const largestMessage = 262_144;

const options = {
  'grpc.max_receive_message_length': largestMessage,
  'grpc.max_concurrent_streams': 100,
  // A client that is gone without a word is found out, and one that rests is not asked to leave.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc-node.max_session_memory': 10, // MB
  'grpc.enable_channelz': 0,
};

/** Streams of market data are sent bytes that were made once. */
const service = {
  ...ExchangeService,
  streamMarketData: { ...ExchangeService.streamMarketData, responseSerialize: (bytes: Buffer) => bytes },
};

export type GrpcServer = {
  readonly port: number;
  /** Takes no more calls, answers those under way, and ends the streams. */
  readonly close: (graceMs: number) => Promise<void>;
};

/** Serves the use cases of REST by gRPC, on a port of its own. */
export async function openGrpc(api: Api, grpcPort: number): Promise<GrpcServer> {
  const config = { ...api.config, grpcPort };
  const server = new Server(options);
  const calls = createCalls(api);
  const openCalls = createOpenCalls((peer) => connections.end(peer));
  server.addService(readingAll(service), {
    ...orderCalls(api, calls),
    ...moneyCalls(api, calls),
    ...marketDataCalls(api, calls),
    streamMarketData: streamMarketData({ api, calls, openCalls }),
    streamOrders: streamOrders({ api, calls, openCalls }),
  });
  server.addService(HealthService, healthCalls(api, calls, openCalls));
  reflect(server);
  const { injectConnection } = server.createConnectionInjector(credentialsOf(config));
  const connections = await listenForGrpc(config, injectConnection);
  return {
    port: connections.port,
    close: async (graceMs) => {
      const deadline = Date.now() + graceMs;
      connections.stopAccepting();
      // Tells every client to connect elsewhere. It calls back before the calls under way have ended.
      server.tryShutdown(() => {});
      await openCalls.close(graceMs);
      await connections.closed(deadline);
      server.forceShutdown();
    },
  };
}

function credentialsOf({ grpcTls }: Config): ServerCredentials {
  if (!grpcTls) return ServerCredentials.createInsecure();
  const pair = { private_key: readFileSync(grpcTls.key), cert_chain: readFileSync(grpcTls.cert) };
  return ServerCredentials.createSsl(null, [pair]);
}

/** Tells clients such as grpcurl what there is, from the same files that ours is generated from. */
function reflect(server: Server): void {
  const folder = fileURLToPath(new URL('../../proto', import.meta.url));
  const files = ['cardstock/v1/exchange.proto', 'grpc/health/v1/health.proto'];
  new ReflectionService(loadSync(files, { includeDirs: [folder], keepCase: true })).addToServer(server);
}
