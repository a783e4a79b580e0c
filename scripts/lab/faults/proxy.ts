// A TCP proxy in front of a server, that can do to connections what a network does to them.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** At which bytes to act, and what becomes of them. */
export type Trap = {
  /** What a client sends, 32 bytes of it at most. */
  readonly pattern: string;
  /** Whether it does not arrive, or the server's answer to it. */
  readonly loses: 'request' | 'answer';
  /** So many bytes of the answer still arrive, and then the connection breaks. Without it the connection falls silent. */
  readonly breaksAfter?: number;
};

export type TcpProxy = {
  readonly port: number;
  /** Breaks every connection there is. */
  readonly cut: () => void;
  /** From now on whatever passes arrives so much later. */
  readonly delay: (ms: number) => void;
  /** Nothing passes any more on the connections there are, and nobody is told. Later ones are sound. */
  readonly silence: () => void;
  /** So many bytes of the server still pass, and then nothing on the connections there are. */
  readonly allow: (bytes: number) => void;
  /** Resolves when the bytes were seen, and if it is the answer that is lost, answered; nothing passes on their connection after that. */
  readonly spring: (trap: Trap, signal: AbortSignal) => Promise<void>;
  /** From now on nothing passes on connections from these addresses, and nobody is told; those of others that were barred before break. */
  readonly bar: (sources: ReadonlySet<string>) => void;
  /** Later connections go to another port. */
  readonly aim: (port: number) => void;
  readonly close: () => Promise<void>;
};

type Lane = { readonly send: (piece: Buffer) => void };

type Link = {
  readonly client: Socket;
  readonly server: Socket;
  readonly source: string;
  isSilent: boolean;
  tail: string;
};

type SetTrap = { readonly trap: Trap; readonly sprung: () => void };

const longestPattern = 32;

export async function openProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const links = new Set<Link>();
  const traps = new Set<SetTrap>();
  let delayMs = 0;
  let allowed = Number.POSITIVE_INFINITY;
  let barred: ReadonlySet<string> = new Set();
  let { port } = target;
  const join = (client: Socket): void => {
    const source = client.remoteAddress ?? '';
    const server = connect({ ...target, port, noDelay: true });
    const link = { client, server, source, isSilent: barred.has(source), tail: '' };
    links.add(link);
    const toServer = openLane(link, link.server, () => delayMs);
    const toClient = openLane(link, client, () => delayMs);
    client.on('data', (piece) => meet(link, toServer, piece as Buffer));
    link.server.on('data', (piece) => {
      const passes = (piece as Buffer).subarray(0, allowed);
      allowed -= passes.length;
      toClient.send(passes);
      if (allowed === 0) silence();
    });
    for (const socket of [client, link.server])
      socket.on('error', () => {}).on('close', () => part(link, socket, links));
  };
  const meet = (link: Link, toServer: Lane, piece: Buffer): void => {
    const set = link.isSilent ? undefined : caught(link, piece, traps);
    if (set) traps.delete(set);
    if (set?.trap.loses !== 'request') toServer.send(piece);
    if (set?.trap.loses === 'answer')
      link.server.once('data', (answer: Buffer) => loseAnswer(link, set, answer));
    if (set) link.isSilent = true;
    if (set?.trap.loses === 'request') set.sprung();
  };
  const server = createServer({ noDelay: true }, join).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const silence = (): void => {
    for (const link of links) link.isSilent = true;
    allowed = Number.POSITIVE_INFINITY;
  };
  const cut = (): void => {
    for (const link of links) breakLink(link);
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    delay: (ms) => {
      delayMs = ms;
    },
    aim: (next) => {
      port = next;
    },
    silence,
    allow: (bytes) => {
      allowed = bytes;
    },
    bar: (sources) => {
      changeBar(links, barred, sources);
      barred = sources;
    },
    spring: (trap, signal) => setTrap(traps, trap, signal),
    close: async () => {
      const closed = server.listening ? once(server, 'close') : null;
      server.close();
      for (const { client, server } of links) for (const socket of [client, server]) socket.destroy();
      await closed;
    },
  };
}

function setTrap(traps: Set<SetTrap>, trap: Trap, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const set = { trap, sprung: resolve };
  traps.add(set);
  signal.addEventListener('abort', () => {
    traps.delete(set);
    reject(signal.reason);
  });
  return promise;
}

type Sources = ReadonlySet<string>;

function changeBar(links: Iterable<Link>, from: Sources, to: Sources): void {
  for (const link of links)
    if (to.has(link.source)) link.isSilent = true;
    else if (from.has(link.source)) breakLink(link);
}

function breakLink({ client, server }: Link): void {
  for (const socket of [client, server]) socket.resetAndDestroy();
}

/** One direction of a link: pieces keep their order, however the delay changes. */
function openLane(link: Link, to: Socket, delayMs: () => number): Lane {
  const waiting: { readonly piece: Buffer; readonly due: number }[] = [];
  const pump = (): void => {
    const [first] = waiting;
    if (!first) return;
    const left = first.due - performance.now();
    if (left > 0) {
      setTimeout(pump, left);
      return;
    }
    to.write(first.piece);
    waiting.shift();
    pump();
  };
  return {
    send: (piece) => {
      if (link.isSilent) return;
      if (waiting.length === 0 && delayMs() === 0) to.write(piece);
      else if (waiting.push({ piece, due: performance.now() + delayMs() }) === 1) pump();
    },
  };
}

function loseAnswer({ client, server }: Link, { trap, sprung }: SetTrap, answer: Buffer): void {
  if (trap.breaksAfter === undefined) {
    sprung();
    return;
  }
  client.end(answer.subarray(0, trap.breaksAfter), () => {
    for (const socket of [client, server]) socket.destroy();
    sprung();
  });
}

/** The trap whose pattern these bytes complete; it may come in two pieces. */
function caught(link: Link, piece: Buffer, traps: Iterable<SetTrap>): SetTrap | undefined {
  const text = link.tail + piece.toString('latin1');
  link.tail = text.slice(-longestPattern);
  for (const set of traps) if (text.includes(set.trap.pattern)) return set;
  return undefined;
}

/** A client does not learn that the server is gone when the connection is silent. */
function part(link: Link, closed: Socket, links: Set<Link>): void {
  if (closed === link.client) link.server.destroy();
  else if (!link.isSilent) link.client.destroy();
  if (link.client.destroyed && link.server.destroyed) links.delete(link);
}
