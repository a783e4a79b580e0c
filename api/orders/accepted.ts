import type { Taken } from '../../matcher/client.ts';
import { RequestError } from '../errors.ts';

/** The sequence that an order has, or why it was not taken. */
export type Accepted = Taken | RequestError;

export function isTaken(accepted: Accepted): accepted is Taken {
  return !(accepted instanceof RequestError);
}
