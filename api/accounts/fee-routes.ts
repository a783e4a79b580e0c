import type { Middleware } from 'koa';
import type { ApiRouter, State } from '../http/context.ts';
import { presentFees } from './trader-presentation.ts';

export function feeRoutes(router: ApiRouter, authenticate: Middleware<State>): void {
  router.get('/fees', authenticate, (ctx) => {
    ctx.body = presentFees();
  });
}
