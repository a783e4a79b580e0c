import { textFrame } from './frame.ts';

/** A message of a client as an object; what is none is answered. */
export function receive(
  text: string,
  handle: (message: Record<string, unknown>) => void,
  answer: (frame: Buffer) => void,
): void {
  const read = readMessage(text);
  if (typeof read === 'string') answer(failure(read));
  else handle(read);
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
