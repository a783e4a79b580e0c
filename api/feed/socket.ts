import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Reader } from './hub.ts';

/** Why a socket is closed, by the codes of RFC 6455. */
export const closeCodes = { policy: 1008, restart: 1012, slow: 1013 } as const;

/** What waits for a reader in this process, beyond which it is too slow. The kernel holds some megabytes more. */
const mostUnsentBytes = 1_048_576;
/** How often a reader has to show that it has read what it was sent. */
const pingEveryMs = 5_000;
/** The same for one that was sent nothing. */
const idlePingEveryMs = 30_000;
/** How long a reader may take to answer. */
const patienceMs = 10_000;
/** How long it may take to close when it was told to; one that lags reads first what is ahead of the reason. */
const closingMs = 2_000;
const laggingMs = 30_000;

/** A client's socket, written to as it is: a frame that goes to a thousand is made once. */
export type FeedSocket = Reader & {
  readonly close: (code: number, reason: string) => void;
  /** Ends it soon, whatever it still has to read. */
  readonly cut: () => void;
  /** To be called every second or so: drops a reader that lags. */
  readonly check: (now: number) => void;
  readonly isClosing: () => boolean;
  /** Bytes that wait here to be read. */
  readonly unread: () => number;
};

/** Told once, with the reason as a code of `closeCodes`. */
export type Hearing = { readonly onClosing: (code: number) => void };

/**
 * A reader is judged by the age of what it has not read: a ping is behind all that was written before it, so its answer says
 * that all of that was read. Bytes that wait here show late, since the kernel takes megabytes first.
 */
export function createFeedSocket(ws: WebSocket, raw: Duplex, { onClosing }: Hearing): FeedSocket {
  let isClosing = false;
  let hasWritten = false;
  let askedAt = Date.now();
  let isUnanswered = false;
  let endsAt = Number.POSITIVE_INFINITY;
  let ending: NodeJS.Timeout | undefined;

  const endWithin = (ms: number): void => {
    if (Date.now() + ms >= endsAt) return;
    endsAt = Date.now() + ms;
    clearTimeout(ending);
    ending = setTimeout(() => abort(raw), ms).unref();
  };
  const close = (code: number, reason: string): void => {
    endWithin(code === closeCodes.slow ? laggingMs : closingMs);
    if (isClosing) return;
    isClosing = true;
    onClosing(code);
    ws.close(code, reason);
  };
  ws.on('close', () => clearTimeout(ending));
  ws.on('pong', () => {
    isUnanswered = false;
  });
  return {
    write: (frames) => {
      if (isClosing) return;
      if (raw.writableLength > mostUnsentBytes) {
        close(closeCodes.slow, 'too slow: too much waits to be read');
        return;
      }
      hasWritten = true;
      raw.write(frames);
    },
    close,
    cut: () => {
      close(closeCodes.slow, 'too slow: too much waits to be read by all');
      endWithin(closingMs);
    },
    isClosing: () => isClosing,
    unread: () => raw.writableLength,
    check: (now) => {
      if (isClosing) return;
      const since = now - askedAt;
      if (isUnanswered) {
        if (since > patienceMs) close(closeCodes.slow, 'too slow: a ping was not answered in time');
      } else if (since >= (hasWritten ? pingEveryMs : idlePingEveryMs)) {
        askedAt = now;
        isUnanswered = true;
        hasWritten = false;
        ws.ping();
      }
    },
  };
}

/** Without a reset the kernel keeps megabytes for a reader that does not come for them. */
function abort(raw: Duplex): void {
  if (raw instanceof Socket) raw.resetAndDestroy();
  else raw.destroy();
}
