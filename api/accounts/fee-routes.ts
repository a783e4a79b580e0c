import type { CallerRoutes } from '../http/routes.ts';
import { presentFees } from './trader-presentation.ts';

export function feeRoutes(routes: CallerRoutes): void {
  routes.get('/fees', (ctx) => {
    ctx.body = presentFees();
  });
}
