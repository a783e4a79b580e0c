import { isIP } from 'node:net';
import { z } from 'zod';
import { parseRedisUrl } from './redis-nodes.ts';
import { withSecretFiles } from './secret-files.ts';

/** What the address of Redis must be; `parseRedisUrl` says what is wrong with one. */
const redisUrl = z
  .string()
  .min(1)
  .superRefine((url, context) => {
    try {
      parseRedisUrl(url);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
    }
  });

const integer = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const portOrOff = z
  .union([z.literal('off'), integer(0, 65_535)], { error: 'must be a port, or off' })
  .transform((port) => (port === 'off' ? null : port));
const second = 1_000;
const onOff = (usual: 'on' | 'off') =>
  z
    .enum(['on', 'off'])
    .default(usual)
    .transform((given) => given === 'on');
/** `<so many a second>/<so many at once>`. */
const rate = z
  .string()
  .regex(/^[1-9]\d{0,6}\/[1-9]\d{0,6}$/, { error: 'must be as 10/15: so many a second, and so many at once' })
  .transform((text) => {
    const [perSecond, burst] = text.split('/').map(Number) as [number, number];
    return { perSecond, burst };
  });
/** Texts between commas. */
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** A number of hops, or addresses and networks. */
const trustedProxies = z
  .string()
  .transform((text) => (/^\d+$/.test(text) ? Number(text) : text.split(',').map((part) => part.trim())))
  .refine((given) => (typeof given === 'number' ? given <= 16 : given.every(isNetwork)), {
    error: 'must be a number of proxies, or their addresses and networks, as 10.0.0.2,10.1.0.0/16',
  });

/** The environment of api, matcher and writer, all of it. docs/configuration.md says the same in words. */
const environment = z.object({
  REDIS_URL: redisUrl.default('redis://127.0.0.1:6379'),
  DATABASE_URL: z.string().min(1).default('postgresql://127.0.0.1:5432/cardstock'),
  DATABASE_READ_URL: z.string().min(1).optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: integer(0, 65_535).default(3000),
  GRPC_PORT: portOrOff.prefault('off'),
  GRPC_TLS_CERT: z.string().min(1).optional(),
  GRPC_TLS_KEY: z.string().min(1).optional(),
  MATCHER_METRICS_PORT: portOrOff.default(3001),
  WRITER_METRICS_PORT: portOrOff.default(3002),
  NOTIFIER_METRICS_PORT: portOrOff.default(3003),
  WEBHOOK_TIMEOUT_MS: integer(100, 60 * second).default(15 * second),
  WEBHOOK_ALLOW_PRIVATE: onOff('off'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  API_WORKERS: integer(1, 64).default(1),
  SHARD: z
    .string()
    .regex(/^(?:\*|[a-z0-9_-]{1,32}(?:,[a-z0-9_-]{1,32})*)$/, {
      error: 'must be the name of a shard, several with commas between them, or * for all',
    })
    .default('main'),
  ALLOW_LOSSY_REDIS: z.enum(['on', 'off']).default('off'),
  MIN_REPLICAS: integer(0, 10).default(0),
  RUN_SIZE: integer(1, 5_000).default(1_000),
  COMMIT_SIZE: integer(1, 100_000).default(20_000),
  COMMIT_INTERVAL_MS: integer(0, second).default(200),
  MAX_UNMATCHED: integer(1_000, 100_000_000).default(200_000),
  MAX_UNPERSISTED: integer(1_000, 100_000_000).default(1_000_000),
  MAX_OPEN_ORDERS: integer(1, 10_000_000).default(500),
  STREAM_RETENTION: integer(10_000, 100_000_000).default(100_000),
  PARTITION_SIZE: integer(10_000, 1_000_000_000).default(2_000_000),
  CLIENT_OID_WINDOW_MS: integer(60 * second, 365 * 24 * 3_600 * second).default(24 * 3_600 * second),
  WAIT_TIMEOUT_MS: integer(1, 60 * second).default(5 * second),
  READ_TIMEOUT_MS: integer(1, 60 * second).default(5 * second),
  READY_LAG_MS: integer(second, 24 * 3_600 * second).default(30 * second),
  PRODUCT_POLL_MS: integer(10, 60 * second).default(500),
  REDIS_TIMEOUT_MS: integer(2 * second, 60 * second).default(5 * second),
  WRITER_LEASE_MS: integer(second, 60 * second).default(3 * second),
  SHUTDOWN_GRACE_MS: integer(0, 300 * second).default(10 * second),
  FEED_SOCKETS: integer(1, 1_000_000).default(200),
  FEED_OPENINGS_PER_SECOND: integer(1, 1_000_000).default(8),
  FEED_MESSAGES_PER_SECOND: integer(1, 1_000_000).default(100),
  SECRETS_KEY: z
    .string()
    .regex(/^[\w-]{1,32}:[A-Za-z0-9+/]{43}=(?:,[\w-]{1,32}:[A-Za-z0-9+/]{43}=)*$/, {
      error: 'must be <name>:<32 bytes in base64>, or several with commas between them',
    })
    .optional(),
  SIGN_UP: onOff('on'),
  DEMO_LOGIN: onOff('off'),
  SESSION_HOURS: integer(1, 24 * 365).default(24 * 7),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRACE_RATIO: z.coerce.number().min(0).max(1).default(0),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().default('http://127.0.0.1:4318'),
  CORS_ORIGINS: list.default(['*']),
  TRUSTED_PROXIES: trustedProxies.default(0),
  RATE_LIMITS: onOff('on'),
  PUBLIC_RATE: rate.prefault('10/15'),
  PRIVATE_RATE: rate.prefault('15/30'),
  FILLS_RATE: rate.prefault('10/20'),
  ORDERS_RATE: rate.prefault('200/2000'),
  MESSAGES_RATE: rate.prefault('1/5'),
  RATE_LIMIT_REDIS_URL: z.string().optional(),
  SMTP_URL: z.string().optional(),
  MAIL_FROM: z.string().default('cardstock@localhost'),
});

export type Config = Readonly<ReturnType<typeof readConfig>>;

/** Reads and checks the environment; throws an error that names each variable at fault. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: it is a list
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  const given = Object.fromEntries(Object.entries(withSecretFiles(env)).filter(([, value]) => value !== ''));
  const read = environment.safeParse(given);
  if (!read.success) throw new ConfigError(read.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`));
  const e = read.data;
  if ((e.GRPC_TLS_CERT === undefined) !== (e.GRPC_TLS_KEY === undefined))
    throw new ConfigError(['GRPC_TLS_CERT and GRPC_TLS_KEY: either both or none']);
  return Object.freeze({
    redisUrl: e.REDIS_URL,
    databaseUrl: e.DATABASE_URL,
    /** Where a replica of that database answers; lists are read there as far as it shows what they must. */
    databaseReadUrl: e.DATABASE_READ_URL ?? null,
    host: e.HOST,
    port: e.PORT,
    /** Where the api serves gRPC; null is nowhere. With TLS if the files of a certificate and its key are named. */
    grpcPort: e.GRPC_PORT,
    grpcTls: e.GRPC_TLS_CERT && e.GRPC_TLS_KEY ? { cert: e.GRPC_TLS_CERT, key: e.GRPC_TLS_KEY } : null,
    /** Where matcher and writer serve their metrics; null is nowhere. */
    matcherMetricsPort: e.MATCHER_METRICS_PORT,
    writerMetricsPort: e.WRITER_METRICS_PORT,
    notifierMetricsPort: e.NOTIFIER_METRICS_PORT,
    /** How long a receiver may take to answer. */
    webhookTimeoutMs: e.WEBHOOK_TIMEOUT_MS,
    /** Webhooks may go to private addresses, and without TLS: for development. */
    webhookAllowPrivate: e.WEBHOOK_ALLOW_PRIVATE,
    logLevel: e.LOG_LEVEL,
    /** The share of requests that are traced; 0 turns tracing off. */
    traceRatio: e.TRACE_RATIO,
    /** Where spans are sent, without a slash at its end. */
    otlpEndpoint: e.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/+$/, ''),
    /** Processes that share the api's port. */
    apiWorkers: e.API_WORKERS,
    /** What this matcher or writer serves, as it was said; and the shards, or null: all, shared with the others that serve all. */
    shard: e.SHARD,
    shards: e.SHARD === '*' ? null : e.SHARD.split(','),
    /** Whether a Redis that may forget what was answered is good enough. */
    allowLossy: e.ALLOW_LOSSY_REDIS === 'on',
    /** Replicas of Redis that must have a command before it is matched, so that no answer is lost with the primary. */
    minReplicas: e.MIN_REPLICAS,
    /** Most commands of one matching run. */
    runSize: e.RUN_SIZE,
    /** Most commands of one commit. One that is refused is tried again by halves, so it may be fewer. */
    commitSize: e.COMMIT_SIZE,
    /** How long reports gather between small commits, unless somebody waits for them. */
    commitIntervalMs: e.COMMIT_INTERVAL_MS,
    /** Most commands that may wait for the matcher, and reports for the writer, before orders are refused with 503. */
    maxUnmatched: e.MAX_UNMATCHED,
    maxUnpersisted: e.MAX_UNPERSISTED,
    /** Most orders that a trader may have open in a product. */
    maxOpenOrders: e.MAX_OPEN_ORDERS,
    /** Sequences below `persisted` that the streams keep. */
    streamRetention: e.STREAM_RETENTION,
    /** Sequences in one partition of orders and trades. */
    partitionSize: e.PARTITION_SIZE,
    /** How long Redis alone remembers a client order id; PostgreSQL does for ever. Longer than PostgreSQL may ever lag. */
    clientOidWindowMs: e.CLIENT_OID_WINDOW_MS,
    /** How long a request waits for the matcher's verdict before it is answered `pending`. */
    waitTimeoutMs: e.WAIT_TIMEOUT_MS,
    /** How long a read waits for the trader's own writes to be in PostgreSQL before it is answered 503. */
    readTimeoutMs: e.READ_TIMEOUT_MS,
    /** How long something may be accepted and not in PostgreSQL before the ready probe fails. */
    readyLagMs: e.READY_LAG_MS,
    /** How often the matcher looks for changed product rows. */
    productPollMs: e.PRODUCT_POLL_MS,
    /** How long an answer of Redis may take before its connection is given up. Blocking reads wait for less. */
    redisTimeoutMs: e.REDIS_TIMEOUT_MS,
    /** How long a writer may leave its session in PostgreSQL idle before that ends it, and another writer takes over. */
    writerLeaseMs: e.WRITER_LEASE_MS,
    /** How long what is under way may take once a process was told to stop. */
    shutdownGraceMs: e.SHUTDOWN_GRACE_MS,
    /** What one address may do on the feed of one process: sockets at a time, new ones and messages a second. */
    feedLimits: {
      sockets: e.FEED_SOCKETS,
      openingsPerSecond: e.FEED_OPENINGS_PER_SECOND,
      messagesPerSecond: e.FEED_MESSAGES_PER_SECOND,
    },
    /** What the secrets of API keys and second factors are sealed with, the newest first; without it there are neither. */
    secretsKey: e.SECRETS_KEY,
    /** Whether anybody may become a trader, or operators alone make them. */
    signUp: e.SIGN_UP,
    /** Whether whoever reaches the api may log in as the first traders; for private exchanges. */
    demoLogin: e.DEMO_LOGIN,
    sessionHours: e.SESSION_HOURS,
    /** Where people reach the api, for links; and whether by HTTPS, which cookies then insist on. */
    publicUrl: e.PUBLIC_URL?.replace(/\/$/, ''),
    /** Pages of these origins may use the api; `*` is all, without cookies. */
    corsOrigins: e.CORS_ORIGINS,
    /** Who is believed about `X-Forwarded-For`: so many proxies in front of the api, or those at these addresses. */
    trustedProxies: e.TRUSTED_PROXIES,
    /** Requests a second of an address, of a trader, for its fills; and its orders, those of a batch one by one. */
    rateLimits: e.RATE_LIMITS,
    publicRate: e.PUBLIC_RATE,
    privateRate: e.PRIVATE_RATE,
    fillsRate: e.FILLS_RATE,
    ordersRate: e.ORDERS_RATE,
    /** Messages and links that a trader, and an address, may publish. */
    messagesRate: e.MESSAGES_RATE,
    /** Where all workers count together; without it each counts its share in memory. Never the matcher's Redis. */
    rateLimitRedisUrl: e.RATE_LIMIT_REDIS_URL,
    /** Where mail is handed over; without it an operator passes links on. */
    smtpUrl: e.SMTP_URL,
    mailFrom: e.MAIL_FROM,
  });
}

/** `loopback`, `linklocal` and `uniquelocal` are the private networks of these kinds. */
function isNetwork(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', bits, more] = text.split('/');
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)]!;
  return (
    longest > 0 &&
    more === undefined &&
    (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= longest))
  );
}

export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The environment cannot be used. ${problems.join('; ')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
