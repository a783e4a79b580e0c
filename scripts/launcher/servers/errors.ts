import { PlainError } from '../../console/errors.ts';

/** A server or the exchange cannot be started or found; the message says what to do. */
export class StartError extends PlainError {
  override readonly name = 'StartError';
}
