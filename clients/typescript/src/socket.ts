import { type Credentials, socketCredentials } from './credentials.ts';
import { ExchangeError, OutcomeUnknown } from './errors.ts';

export type SocketState = 'connecting' | 'open' | 'closed';

export type SocketOptions = {
  /** `ws://127.0.0.1:3000/feed` */
  readonly url: string;
  readonly credentials?: Credentials;
  /** Log on as soon as the socket is open, to send orders by it. */
  readonly logon?: { readonly cancel_on_disconnect?: boolean } | undefined;
  /** A socket that is silent for so long is given up for another. Only if something is sure to come, as heartbeats are. */
  readonly silenceMs?: number;
};

export type SocketMessage = { readonly type: string; readonly [field: string]: unknown };

export type SocketEvents = {
  /** The socket is there, and logged on if that was asked for. */
  readonly onOpen: () => void;
  readonly onMessage: (message: SocketMessage) => void;
  readonly onState: (state: SocketState, why: string) => void;
};

type Waiting = { readonly resolve: (result: unknown) => void; readonly reject: (error: Error) => void };

const reconnectMs = [100, 250, 500, 1_000, 2_000, 5_000];

export type Socket = ReturnType<typeof openSocket>;

/** A socket that comes back whenever it is lost, and calls on it. Uses the WebSocket that browsers and Node have. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions over one socket
export function openSocket(options: SocketOptions, events: SocketEvents) {
  const waiting = new Map<number, Waiting>();
  let socket: WebSocket | null = null;
  let attempt = 0;
  let calls = 0;
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let heardAt = 0;

  function connect(): void {
    events.onState('connecting', '');
    const opened = new WebSocket(options.url);
    socket = opened;
    opened.onopen = () => void begin(opened);
    opened.onmessage = ({ data }) => {
      heardAt = Date.now();
      for (const text of String(data).split('\n')) if (text !== '') receive(text);
    };
    opened.onclose = ({ code, reason }) => {
      if (socket === opened) lost(reason || `code ${code}`);
    };
  }

  async function begin(opened: WebSocket): Promise<void> {
    heardAt = Date.now();
    try {
      if (options.logon)
        await call('session.logon', { ...(await socketCredentials(options.credentials)), ...options.logon });
    } catch (error) {
      // Wrong credentials stay wrong: whoever opened us must know, and may close us.
      events.onState('closed', error instanceof Error ? error.message : String(error));
      opened.close();
      return;
    }
    if (socket !== opened) return;
    attempt = 0;
    events.onState('open', '');
    events.onOpen();
  }

  function receive(text: string): void {
    const message = JSON.parse(text);
    if (message.type !== undefined) events.onMessage(message);
    else answer(message);
  }

  function answer({
    id,
    status,
    result,
    error,
  }: {
    id: number;
    status: number;
    result?: unknown;
    error?: { message: string };
  }): void {
    const call = waiting.get(id);
    waiting.delete(id);
    if (error) call?.reject(new ExchangeError(error.message, { status, requestId: null }));
    else call?.resolve(result);
  }

  function lost(why: string): void {
    socket = null;
    for (const { reject } of waiting.values()) reject(new OutcomeUnknown(`the socket was lost: ${why}`));
    waiting.clear();
    events.onState('closed', why);
    if (!isClosed) timer = setTimeout(connect, reconnectMs[attempt++] ?? reconnectMs.at(-1)!);
  }

  /** The answer of the exchange, or its refusal. Rejects with `OutcomeUnknown` if the socket is lost before. */
  function call<T>(method: string, params: unknown = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      if (socket?.readyState !== WebSocket.OPEN) return reject(new OutcomeUnknown('the socket is not open'));
      const id = ++calls;
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
  }

  const { silenceMs } = options;
  const watch =
    silenceMs === undefined
      ? undefined
      : setInterval(() => {
          const isSilent = socket?.readyState === WebSocket.OPEN && Date.now() - heardAt > silenceMs;
          if (isSilent) drop(`silent for ${silenceMs} ms`);
        }, silenceMs / 4);

  /** A close handshake with someone who does not answer takes long: it is lost now. */
  function drop(why: string): void {
    const dropped = socket;
    if (!dropped) return;
    lost(why);
    dropped.onmessage = null;
    dropped.close();
  }

  connect();
  return {
    call,
    /** Sends a message that has no answer of its own, if the socket is open. */
    send(message: unknown): void {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    reconnect: () => drop('asked to reconnect'),
    close(): void {
      isClosed = true;
      clearTimeout(timer);
      clearInterval(watch);
      socket?.close(1000);
    },
  };
}
