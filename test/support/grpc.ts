import { fileURLToPath } from 'node:url';
import {
  type ChannelCredentials,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceClientConstructor,
  type ServiceError,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever message they expect, and fail if it is not there
export type Message = any;

/** How a call ended: `code` is that of gRPC, 0 if it was answered. */
export type Ended = {
  readonly code: number;
  readonly message: string;
  readonly answer: Message;
  readonly metadata: Metadata;
};

/** A client made of the proto files alone, as any other would be. */
export type GrpcClient = {
  readonly call: (method: string, message?: object, headers?: Record<string, string>) => Promise<Ended>;
  readonly read: (method: string, message: object) => ClientReadableStream<Message>;
  readonly duplex: (method: string, headers?: Record<string, string>) => ClientDuplexStream<Message, Message>;
  readonly close: () => void;
};

const folder = fileURLToPath(new URL('../../proto', import.meta.url));
const loaded = loadPackageDefinition(
  loadSync(['cardstock/v1/exchange.proto', 'grpc/health/v1/health.proto'], {
    ...{ includeDirs: [folder], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true },
  }),
) as Message;

/** The protocol of grpcurl and its like, from the package that defines it. */
const reflection = loadPackageDefinition(
  loadSync(
    fileURLToPath(
      new URL(
        '../../node_modules/@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
        import.meta.url,
      ),
    ),
    { keepCase: true, oneofs: true },
  ),
) as Message;

const services: Record<string, ServiceClientConstructor> = {
  exchange: loaded.cardstock.v1.Exchange,
  health: loaded.grpc.health.v1.Health,
  reflection: reflection.grpc.reflection.v1.ServerReflection,
};

export function createGrpcClient(
  port: number,
  token: string | null,
  {
    service = 'exchange',
    by = credentials.createInsecure(),
  }: { service?: string; by?: ChannelCredentials } = {},
): GrpcClient {
  const client = new services[service]!(`localhost:${port}`, by, {
    // A connection of its own, so that what a test does to it is its own affair.
    'grpc.use_local_subchannel_pool': 1,
  }) as Message;
  const metadataOf = (headers: Record<string, string> = {}): Metadata => {
    const metadata = new Metadata();
    if (token !== null) metadata.set('authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    return metadata;
  };
  return {
    call: (method, message = {}, headers) =>
      new Promise((resolve) => {
        let metadata = new Metadata();
        const done = (error: ServiceError | null, answer: Message): void => {
          const { code = 0, details: message = '' } = error ?? {};
          // The trailer of an answer comes behind it.
          setImmediate(() => resolve({ code, message, answer, metadata: error?.metadata ?? metadata }));
        };
        const call = client[method](message, metadataOf(headers), { deadline: Date.now() + 15_000 }, done);
        call.on('status', (status: { metadata: Metadata }) => {
          metadata = status.metadata;
        });
      }),
    read: (method, message) => client[method](message, metadataOf()),
    duplex: (method, headers) => client[method](metadataOf(headers)),
    close: () => client.close(),
  };
}

/** Keeps what a stream brings, and how it ended. */
export function collect(stream: ClientReadableStream<Message> | ClientDuplexStream<Message, Message>) {
  const messages: Message[] = [];
  stream.on('data', (message) => messages.push(message));
  const ended = new Promise<{ code: number; message: string }>((resolve) => {
    stream.on('error', () => {});
    stream.on('status', ({ code, details }) => resolve({ code, message: details }));
  });
  return { messages, ended };
}
