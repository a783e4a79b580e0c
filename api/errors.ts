// Why a request is not done, in the words that a client is told. What each is by HTTP, `http/error-answers.ts` says alone.

import { SubmitError } from '../matcher/client.ts';
import { isPostgresAway, isPostgresSlow } from '../sql/postgres-away.ts';
import { TooManyQueries } from '../sql/shared-reads.ts';
import { LagError, UnavailableError, UnconfirmedError } from './shard/errors.ts';

export class RequestError extends Error {}

/** It is not well formed, or the state of things does not allow it. */
export class BadRequest extends RequestError {
  override name = 'BadRequest';
}

/** Nobody is known by what the request carries. */
export class Unauthorized extends RequestError {
  override name = 'Unauthorized';
}

/** A bearer token that stands for nobody. */
export class InvalidToken extends Unauthorized {
  override name = 'InvalidToken';
  constructor() {
    super('Invalid token');
  }
}

/** The caller is known, and may not do this. */
export class Forbidden extends RequestError {
  override name = 'Forbidden';
}

export class NotFound extends RequestError {
  override name = 'NotFound';
  constructor(message = 'NotFound') {
    super(message);
  }
}

/** The client asks for too much at once, and may ask again after so many seconds. */
export class TooManyRequests extends RequestError {
  override name = 'TooManyRequests';
  readonly retryAfter: number;
  /** What is left of which limit, by the names of HTTP's headers. */
  readonly counted: Readonly<Record<string, string>>;
  constructor(message: string, retryAfter = 1, counted: Readonly<Record<string, string>> = {}) {
    super(message);
    this.retryAfter = retryAfter;
    this.counted = counted;
  }
}

/** The exchange cannot answer now. Asking again is always safe: for orders and transfers, with the same id of the client's. */
export class Unavailable extends RequestError {
  override name = 'Unavailable';
}

const unknownOutcome =
  'Whether this was taken is unknown; send it again with the same client_oid or transfer_id to find out';

/** A stored secret that this server cannot read: it has no SECRETS_KEY, or another. The client's credentials may be as they should. */
export class UnreadableSecret extends Unavailable {
  override name = 'UnreadableSecret';
  constructor(what: string) {
    super(`The server cannot read ${what}: its SECRETS_KEY is missing, or another`);
  }
}

/** What an error means to a client, whichever transport tells it; null if nobody foresaw it. */
export function requestErrorOf(error: unknown): RequestError | null {
  if (error instanceof RequestError) return error;
  if (error instanceof SubmitError) return new Unavailable(submitMessage(error));
  if (error instanceof LagError) return new Unavailable('The exchange is behind; ask again');
  if (error instanceof UnconfirmedError) return new Unavailable(unknownOutcome);
  if (error instanceof UnavailableError) return new Unavailable('The exchange cannot answer now; ask again');
  if (error instanceof TooManyQueries)
    return new TooManyRequests('Too many of your reads wait; ask again when they are answered');
  if (isPostgresSlow(error)) return new Unavailable('The database has not answered in time; ask again');
  if (isPostgresAway(error)) return new Unavailable('The database is away; ask again');
  return null;
}

function submitMessage({ backlog, certain }: SubmitError): string {
  if (backlog) return 'Too many orders wait; nothing was taken, send it again';
  if (certain) return 'The exchange takes no orders now; nothing was taken, send it again';
  return unknownOutcome;
}
