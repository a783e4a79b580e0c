import type { Middleware } from 'koa';
import type { ApiRouter, State } from '../context.ts';
import { presentFees } from '../present/traders.ts';

export function feeRoutes(router: ApiRouter, authenticate: Middleware<State>): void {
  router.get('/fees', authenticate, (ctx) => {
    ctx.body = presentFees();
  });
}
