import type { RouterContext } from '@koa/router';
import type { Caller } from '../auth/callers.ts';

/** What middleware leaves for the handlers of every request. */
export type PublicState = { requestId: string };
/** What it leaves for those behind `authenticate`. */
export type CallerState = PublicState & { caller: Caller };

export type PublicContext = RouterContext<PublicState>;
export type CallerContext = PublicContext & { state: CallerState };
export type PublicHandler = (ctx: PublicContext) => Promise<void> | void;
export type CallerHandler = (ctx: CallerContext) => Promise<void> | void;
