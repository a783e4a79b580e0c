import type { Middleware } from 'koa';
import type { CallerState } from '../http/context.ts';
import { InvalidToken, Unauthorized } from '../http/errors.ts';
import type { FindCaller } from './callers.ts';

/** Lets a request pass if it carries a valid bearer token. */
export function authenticate(findCaller: FindCaller): Middleware<CallerState> {
  return async (ctx, next) => {
    const { authorization } = ctx.req.headers;
    if (!authorization) throw new Unauthorized('Authorization header is required');
    const [, token] = /^Bearer +([\w.~+/=-]{1,512})$/i.exec(authorization) ?? [];
    if (token === undefined) throw new InvalidToken();
    ctx.state.caller = await findCaller(token);
    return next();
  };
}
