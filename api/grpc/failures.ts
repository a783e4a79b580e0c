import { Metadata, status } from '@grpc/grpc-js';
import { MissingPermission } from '../auth/authorize.ts';
import type { ErrorAnswer } from '../http/error-answers.ts';

/** How a call ends that was refused, as grpc-js takes it. */
export type Failure = { readonly code: status; readonly details: string; readonly metadata: Metadata };

const codes: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.ABORTED,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
};

/** The words of REST; its headers, such as `Retry-After`, become metadata. */
export function failureOf(error: unknown, answer: ErrorAnswer, requestId: string): Failure {
  const metadata = new Metadata();
  metadata.set('x-request-id', requestId);
  for (const [name, value] of Object.entries(answer.headers)) metadata.set(name, value);
  // REST says 401 for the sake of CCXT.
  const lacks = error instanceof MissingPermission;
  const code = lacks ? status.PERMISSION_DENIED : (codes[answer.status] ?? status.INTERNAL);
  return { code, details: answer.message, metadata };
}
