import type { Api } from '../api.ts';
import { NotFound } from '../errors.ts';
import type { PublicRoutes } from '../http/routes.ts';
import { presentCurrency } from './presentation.ts';

export function currencyRoutes(routes: PublicRoutes, { catalogue }: Api): void {
  routes.get('/currencies', (ctx) => {
    ctx.body = catalogue.currencies().map(presentCurrency);
  });

  routes.get('/currencies/:id', (ctx) => {
    const currency = catalogue.currency(ctx.params.id!);
    if (!currency) throw new NotFound();
    ctx.body = presentCurrency(currency);
  });
}
