import type { Api } from '../api.ts';
import { readQuery } from '../http/query.ts';
import type { CallerRoutes } from '../http/routes.ts';
import { readScope } from '../http/scope.ts';
import { presentFees } from './trader-presentation.ts';

export function feeRoutes(routes: CallerRoutes, { catalogue }: Api): void {
  routes.get('/fees', (ctx) => {
    const { product } = readScope(catalogue, readQuery(ctx.querystring), undefined);
    ctx.body = presentFees(product ? [product] : catalogue.products());
  });
}
