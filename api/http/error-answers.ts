import { SubmitError } from '../../matcher/client.ts';
import { isPostgresAway } from '../../sql/postgres-away.ts';
import { TooManyQueries } from '../../sql/shared-reads.ts';
import { LagError, UnavailableError, UnconfirmedError } from '../shard/errors.ts';
import { HttpError, TooManyRequests, Unavailable } from './errors.ts';

const unknownOutcome =
  'Whether this was taken is unknown; send it again with the same client_oid or transfer_id to find out';

/** The answer to a request that threw. Only what nobody foresaw is 500. */
export function answerTo(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof SubmitError) return new Unavailable(submitMessage(error));
  if (error instanceof LagError) return new Unavailable('The exchange is behind; ask again');
  if (error instanceof UnconfirmedError) return new Unavailable(unknownOutcome);
  if (error instanceof UnavailableError) return new Unavailable('The exchange cannot answer now; ask again');
  if (error instanceof TooManyQueries)
    return new TooManyRequests('Too many of your reads wait; ask again when they are answered');
  if (isPostgresAway(error)) return new Unavailable('The database is away; ask again');
  return new HttpError(500, 'Internal server error');
}

function submitMessage({ backlog, certain }: SubmitError): string {
  if (backlog) return 'Too many orders wait; nothing was taken, send it again';
  if (certain) return 'The exchange takes no orders now; nothing was taken, send it again';
  return unknownOutcome;
}
