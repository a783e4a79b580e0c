import { WebSocket } from 'ws';
import { z } from 'zod';
import { refusedRequest, toldByType } from '../../api/feed/described.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever JSON they expect, and fail if it is not there
export type Message = any;

/** A client of the feed that keeps all that it is sent. */
export type FeedClient = {
  readonly ws: WebSocket;
  readonly messages: Message[];
  readonly send: (message: unknown) => void;
  /** The next message that fits, from the one after the last that was asked for. */
  readonly next: (fits?: (message: Message) => boolean) => Promise<Message>;
  /** The next message of a type. */
  readonly nextOf: (type: string) => Promise<Message>;
  /** Subscribes, and resolves with the answer. */
  readonly subscribe: (message: object) => Promise<Message>;
  /** Code and reason, once the socket is closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly close: () => void;
};

export type SocketOptions = {
  readonly path?: string;
  readonly token?: string;
  /** Whether it answers pings, as all clients do. */
  readonly autoPong?: boolean;
};

const patienceMs = 30_000;

/** What of a message the description of the feed does not say; null if it is as described. */
function unlikeDescription(message: Message): string | null {
  const isFeed = typeof message.type === 'string';
  const schema = isFeed ? toldByType[message.type as keyof typeof toldByType] : refusedRequest;
  if (!isFeed && message.status < 400) return null;
  const forms = schema instanceof z.ZodUnion ? schema.options : schema ? [schema] : [];
  const reads = forms.map((form) => form.strict().safeParse(message));
  if (reads.some(({ success }) => success)) return null;
  const why = reads.map(({ error }) => error!.message).join('\n') || 'has no description';
  return `not as described: ${JSON.stringify(message)} ${why}`;
}

export async function openSocket(baseUrl: string, options: SocketOptions = {}): Promise<FeedClient> {
  const { path = '/', token, autoPong = true } = options;
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const ws = new WebSocket(baseUrl.replace('http', 'ws') + path, { headers, autoPong });
  const messages: Message[] = [];
  const waiting = new Set<() => void>();
  let at = 0;
  ws.on('message', (data) => {
    const message = JSON.parse(String(data));
    messages.push(message);
    const wrong = unlikeDescription(message);
    if (wrong !== null) throw new Error(wrong);
    for (const look of waiting) look();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await new Promise((resolve, reject) => {
    ws.on('open', resolve);
    ws.on('error', reject);
  });
  const next: FeedClient['next'] = (fits = () => true) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`no such message came; the last: ${JSON.stringify(messages.slice(-5))}`));
      }, patienceMs);
      const look = (): void => {
        while (at < messages.length) {
          const message = messages[at++];
          if (!fits(message)) continue;
          waiting.delete(look);
          clearTimeout(timer);
          resolve(message);
          return;
        }
      };
      waiting.add(look);
      look();
    });
  const send = (message: unknown): void =>
    ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  return {
    ...{ ws, messages, send, next, closed },
    nextOf: (type) => next((message) => message.type === type),
    subscribe: (message) => {
      send({ type: 'subscribe', ...message });
      return next(({ type }) => type === 'subscriptions' || type === 'error');
    },
    close: () => ws.close(),
  };
}
