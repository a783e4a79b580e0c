import {
  BadRequest,
  Forbidden,
  InvalidToken,
  NotFound,
  type RequestError,
  requestErrorOf,
  TooManyRequests,
  Unauthorized,
  Unavailable,
} from '../errors.ts';
import { HttpError } from './errors.ts';

/** What is answered instead of a result. */
export type ErrorAnswer = {
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** The answer to a request that threw. Only what nobody foresaw is 500. */
export function answerTo(error: unknown): ErrorAnswer {
  const known = requestErrorOf(error);
  if (!known) return { status: 500, message: 'Internal server error', headers: {} };
  return { ...statusOf(known), message: known.message };
}

function statusOf(error: RequestError): Omit<ErrorAnswer, 'message'> {
  if (error instanceof BadRequest) return { status: 400, headers: {} };
  // RFC 9110 wants every 401 to say what would do, in the words of RFC 6750.
  if (error instanceof Unauthorized) {
    const more = error instanceof InvalidToken ? ', error="invalid_token"' : '';
    return { status: 401, headers: { 'WWW-Authenticate': `Bearer realm="cardstock"${more}` } };
  }
  // What a key of the dialect lacks permission for is 401 instead, because CCXT retries 403.
  if (error instanceof Forbidden) return { status: 403, headers: {} };
  if (error instanceof NotFound) return { status: 404, headers: {} };
  if (error instanceof TooManyRequests)
    return { status: 429, headers: { 'Retry-After': String(error.retryAfter), ...error.counted } };
  if (error instanceof Unavailable) return { status: 503, headers: { 'Retry-After': '1' } };
  if (error instanceof HttpError) return { status: error.status, headers: error.headers };
  return { status: 500, headers: {} };
}
