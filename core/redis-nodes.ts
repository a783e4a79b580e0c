import { createConnection, isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';
import { shardKeys } from './keys.ts';
import { within } from './lifecycle.ts';

/** Where the primary of a shard is found: by sentinels, by the nodes of a cluster, or at an address that never changes. */
export type RedisTarget =
  | { readonly kind: 'address'; readonly url: string }
  | (Seeds & { readonly kind: 'sentinel'; readonly master: string; readonly sentinelAuth: Login })
  | (Seeds & { readonly kind: 'cluster' });

type Node = { readonly host: string; readonly port: number };
type Login = Pick<RedisOptions, 'username' | 'password'>;
type Seeds = { readonly seeds: readonly Node[]; readonly login: Login; readonly tls: boolean };

/** A sentinel or a node of a cluster that has not said for so long where the primary is may hang: the next one is asked as well. */
const askNextMs = 1_000;
/** How long each may take. On a machine that is too busy all are slow, and whoever gives up each of them finds nobody. */
const askMs = 4_000;
const plain = /^(?:redis|rediss):\/\/|^\//;
const several = /^(rediss?)\+(sentinel|cluster):\/\/(?:([^@/?]*)@)?([^/?@]+)(?:\/([^/?]*))?(?:\?(.*))?$/;

/** Reads an address as README has it. Throws a sentence that says what is wrong; it does not repeat passwords. */
export function parseRedisUrl(url: string): RedisTarget {
  const found = several.exec(url);
  if (!found) {
    if (plain.test(url)) return { kind: 'address', url };
    throw new Error(
      'must be redis://…, rediss://…, redis+sentinel://host,host/master, redis+cluster://host,host, or the path of a socket',
    );
  }
  const [, scheme, kind, login, hosts, path, query] = found;
  const tls = scheme === 'rediss';
  const isCluster = kind === 'cluster';
  const seeds = hosts!.split(',').map((text) => parseNode(text, isCluster ? 6_379 : 26_379));
  const common = { seeds, login: parseLogin(login), tls };
  if (isCluster) {
    if (path) throw new Error('must not name a database or master after the hosts of a cluster');
    return { kind: 'cluster', ...common };
  }
  if (!path)
    throw new Error('must name the master that the sentinels watch: redis+sentinel://host,host/master');
  const said = new URLSearchParams(query);
  const sentinelAuth = {
    ...optional('username', said.get('sentinel_username')),
    ...optional('password', said.get('sentinel_password')),
  };
  return { kind: 'sentinel', ...common, master: decodeURIComponent(path), sentinelAuth };
}

function parseNode(text: string, usualPort: number): Node {
  const [, host, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (!host) throw new Error(`must list hosts as host or host:port, and has ${text}`);
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? usualPort) };
}

/** `user:password`, or `:password`. */
function parseLogin(text: string | undefined): Login {
  const [username, password] = (text ?? '').split(/:(.*)/s).map(decodeURIComponent);
  return { ...optional('username', username), ...optional('password', password) };
}

function optional<K extends string>(name: K, value: string | null | undefined): Partial<Record<K, string>> {
  return value ? ({ [name]: value } as Record<K, string>) : {};
}

type Found = Omit<RedisOptions, 'replyMapping'>;

/** The options by which ioredis finds the primary of a shard at every connect. */
export function optionsFor(target: Exclude<RedisTarget, { kind: 'address' }>, shard: string): Found {
  const { login, tls, seeds } = target;
  const find = target.kind === 'sentinel' ? bySentinel(target) : byCluster(target, shard);
  let next = 0;
  /** Each connect begins with another seed: one that is cut off from the others may tell of a primary that is none any more. */
  const locate = async (): Promise<Node> => {
    const errors: string[] = [];
    const asked: Promise<Node>[] = [];
    const found = new AbortController();
    try {
      for (let i = 0; i < seeds.length; i++) {
        const seed = seeds[next++ % seeds.length]!;
        const answer = find(seed, found.signal);
        asked.push(answer);
        const unlessRefused = answer.catch((error: Error) => {
          errors.push(`${seed.host}:${seed.port}: ${error.message}`);
          return null;
        });
        const first = Promise.race([unlessRefused, Promise.any(asked).catch(() => null)]);
        const node = await within(askNextMs, first, () => null);
        if (node) return node;
      }
      return await Promise.any(asked);
    } catch {
      throw new Error(
        `no ${target.kind === 'sentinel' ? 'sentinel' : 'node'} knows the primary (${errors.join('; ')})`,
      );
    } finally {
      found.abort();
    }
  };
  return { ...login, ...(tls ? { tls: {} } : {}), Connector: connectorTo(locate, tls) };
}

function bySentinel({ master, sentinelAuth, tls }: Extract<RedisTarget, { kind: 'sentinel' }>) {
  return (seed: Node, signal: AbortSignal): Promise<Node> =>
    asking(seed, { ...sentinelAuth, tls, signal }, async (sentinel) => {
      const found = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master);
      if (!Array.isArray(found)) throw new Error(`watches no master ${master}`);
      return { host: String(found[0]), port: Number(found[1]) };
    });
}

type SlotRange = readonly [first: number, last: number, owner: readonly [host: string, port: number]];

function byCluster({ login, tls }: Extract<RedisTarget, { kind: 'cluster' }>, shard: string) {
  return (seed: Node, signal: AbortSignal): Promise<Node> =>
    asking(seed, { ...login, tls, signal }, async (node) => {
      const [keySlot, slots] = await Promise.all([
        node.call('CLUSTER', 'KEYSLOT', shardKeys(shard).state),
        node.call('CLUSTER', 'SLOTS'),
      ]);
      const [slot, ranges] = [Number(keySlot), slots as SlotRange[]];
      const range = ranges.find(([first, last]) => first <= slot && slot <= last);
      if (!range) throw new Error(`nobody serves slot ${slot} of shard ${shard}`);
      const [host, port] = range[2];
      return { host: host || seed.host, port: Number(port) };
    });
}

/** Given up when the signal aborts. */
type Access = Login & { readonly tls: boolean; readonly signal: AbortSignal };

async function asking<T>(
  { host, port }: Node,
  { tls, signal, ...login }: Access,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = new Redis({
    ...{ host, port, ...login, lazyConnect: true, enableReadyCheck: false, maxRetriesPerRequest: 0 },
    ...{ retryStrategy: () => null, connectTimeout: askMs, commandTimeout: askMs },
    ...(tls ? { tls: {} } : {}),
  });
  let failure: Error | undefined;
  redis.on('error', (error) => {
    failure = error; // says more than that the connection was closed
  });
  const giveUp = (): void => redis.disconnect();
  signal.addEventListener('abort', giveUp);
  try {
    return await ask(redis);
  } catch (error) {
    throw failure ?? error;
  } finally {
    signal.removeEventListener('abort', giveUp);
    redis.disconnect();
  }
}

/** TLS takes names only; an address is compared with the certificate all the same. */
function serverNameOf({ host }: Node): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

/**
 * A class of connectors, as ioredis wants it. Whoever cannot be found is like a server that refuses the connection: ioredis
 * would give up for ever if `connect` threw.
 */
function connectorTo(locate: () => Promise<Node>, tls: boolean) {
  const open = (node: Node): Socket =>
    tls ? connectTls({ ...node, ...serverNameOf(node) }) : createConnection(node);
  const closed = (): Error => new Error('the connection was closed');
  return class extends AbstractConnector {
    constructor(options: unknown) {
      super((options as { disconnectTimeout: number }).disconnectTimeout);
    }

    override check(info: { role?: string }): boolean {
      return info.role !== 'slave';
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      const fail = (error: Error): Socket => {
        this.firstError = error;
        return new Socket().destroy();
      };
      const stream = await locate().then((node) => (this.connecting ? open(node) : fail(closed())), fail);
      this.stream = stream;
      stream.once('error', (error) => {
        this.firstError = error;
      });
      return stream;
    }
  };
}
