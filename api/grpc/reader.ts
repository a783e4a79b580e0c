import type { ServerWritableStream } from '@grpc/grpc-js';
import type { UnreadBudget } from '../http/unread-budget.ts';

/** What waits for a reader, beyond which it is too slow; and how long it may wait. */
const mostUnsentBytes = 16_777_216;
const patienceMs = 10_000;

/** A stream that is written as fast as it is read. */
export type Reader = {
  /** Sends a message, or ends the stream of one that does not read. */
  readonly send: (message: Buffer) => void;
  /** Sends messages with which a reader begins anew, however many they are. */
  readonly begin: (messages: readonly Buffer[]) => void;
  /** What waits is not wanted any more. */
  readonly stop: () => void;
  /** To be called every second or so. */
  readonly check: (now: number) => void;
};

/**
 * One message at a time is given to HTTP/2, whose flow control says when it is gone; the others wait here, as bytes that all
 * streams share. So what a slow reader costs is its place in a list.
 */
export function createReader(
  call: Pick<ServerWritableStream<unknown, Buffer>, 'write'>,
  { budget, tooSlow }: { readonly budget: UnreadBudget; readonly tooSlow: () => void },
): Reader {
  const waiting: { readonly message: Buffer; readonly since: number }[] = [];
  let unsent = 0;
  let mostUnsent = mostUnsentBytes;
  /** Since when the message that is with HTTP/2 was to be sent. */
  let oldest: number | null = null;
  let isOver = false;
  const stop = (): void => {
    isOver = true;
    waiting.length = 0;
    release();
  };
  const end = (): void => {
    stop();
    tooSlow();
  };
  const release = budget.add({ unread: () => unsent, cut: end });
  const writeNext = (): void => {
    const next = waiting.shift();
    oldest = next?.since ?? null;
    if (!next) return;
    const { message } = next;
    call.write(message, () => {
      unsent -= message.length;
      if (!isOver) writeNext();
    });
  };
  const add = (message: Buffer): void => {
    waiting.push({ message, since: Date.now() });
    unsent += message.length;
    if (oldest === null) writeNext();
  };
  return {
    send: (message) => {
      if (isOver) return;
      add(message);
      if (unsent > mostUnsent) end();
    },
    begin: (messages) => {
      if (isOver) return;
      for (const message of messages) add(message);
      mostUnsent = unsent + mostUnsentBytes;
    },
    stop,
    check: (now) => {
      if (!isOver && oldest !== null && now - oldest > patienceMs) end();
    },
  };
}
