import {
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  ConnectionError,
  StatementCancelledError,
  StatementTimeoutError,
} from 'slonik';
import { StalePostgresError } from './freshness.ts';
import { QueryTimeout } from './with-timeout.ts';

const connectionErrors = [
  QueryTimeout,
  StalePostgresError,
  ConnectionError,
  BackendTerminatedError,
  BackendTerminatedUnexpectedlyError,
  StatementTimeoutError,
  StatementCancelledError,
];
const lateErrors = [QueryTimeout, StatementTimeoutError, StatementCancelledError];
/** Sockets' own codes, and SQLSTATE: 08 connection, 53 out of connections or memory, 57P shut down or starting. */
const awayCode = /^(?:ECONN|ENOENT|EPIPE|ETIMEDOUT|08|53|57P)/;

/** Whether a query failed because PostgreSQL, or this process, was too slow: nobody knows whether it is away. */
export function isPostgresSlow(error: unknown): boolean {
  if (lateErrors.some((type) => error instanceof type)) return true;
  return error instanceof Error && isPostgresSlow(error.cause);
}

/** Whether a query failed because PostgreSQL is away or too busy, rather than for what it asked. */
export function isPostgresAway(error: unknown): boolean {
  if (connectionErrors.some((type) => error instanceof type)) return true;
  if (!(error instanceof Error)) return false;
  const { code } = error as Error & { code?: unknown };
  return (typeof code === 'string' && awayCode.test(code)) || isPostgresAway(error.cause);
}
