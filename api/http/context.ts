import type { RouterContext } from '@koa/router';
import type { Caller } from '../auth/caller.ts';
import type { Claim } from '../auth/callers.ts';

/** What middleware leaves for the handlers of every request. */
export type PublicState = {
  requestId: string;
  /** If the request is traced. */
  traceId?: string;
};
/** What it leaves for those behind `authenticate` and `authorize`. */
export type CallerState = PublicState & { caller: Caller };
/** With what the caller showed, which concerns only those who manage credentials. */
export type ClaimState = CallerState & {
  claim: Claim;
  /** What a request changed, as it was before, for the record of what operators do. */
  before?: unknown;
};

export type PublicContext = RouterContext<PublicState>;
export type CallerContext = PublicContext & { state: ClaimState };
export type PublicHandler = (ctx: PublicContext) => Promise<void> | void;
export type CallerHandler = (ctx: CallerContext) => Promise<void> | void;
