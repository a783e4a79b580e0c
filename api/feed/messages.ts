import { textFrame } from './frame.ts';

export type Handlers = {
  /** A message of the feed has a `type`. */
  readonly subscription: (message: Record<string, unknown>) => void;
  /** One of order entry has a `method`. */
  readonly request: (message: Record<string, unknown>, text: string) => void;
  readonly answer: (frame: Buffer) => void;
};

/** Gives a client's message to whom it concerns; what is none is answered. */
export function receive(text: string, { subscription, request, answer }: Handlers): void {
  const read = readMessage(text);
  if (typeof read === 'string') answer(failure(read));
  else if ('method' in read) request(read, text);
  else subscription(read);
}

/** The message, or what is wrong with it. */
function readMessage(text: string): Record<string, unknown> | string {
  try {
    const message: unknown = JSON.parse(text);
    const isObject = typeof message === 'object' && message !== null && !Array.isArray(message);
    return isObject ? (message as Record<string, unknown>) : 'a message must be a JSON object';
  } catch (error) {
    return `Malformed JSON: ${(error as Error).message}`;
  }
}

function failure(reason: string): Buffer {
  return textFrame(JSON.stringify({ type: 'error', message: 'Failed to read the message', reason }));
}
