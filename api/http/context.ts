import type { Router, RouterContext } from '@koa/router';
import type { Caller } from '../auth/callers.ts';

/** What middleware leaves for the handlers of a request. `caller` is set behind `authenticate` only. */
export type State = { requestId: string; caller: Caller };

export type ApiRouter = Router<State>;
export type ApiContext = RouterContext<State>;
export type Handler = (ctx: ApiContext) => Promise<void> | void;
