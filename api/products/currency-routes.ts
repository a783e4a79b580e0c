import type { Api } from '../api.ts';
import type { ApiRouter } from '../http/context.ts';
import { NotFound } from '../http/errors.ts';
import { presentCurrency } from './presentation.ts';

export function currencyRoutes(router: ApiRouter, { catalogue }: Api): void {
  router.get('/currencies', (ctx) => {
    ctx.body = catalogue.currencies().map(presentCurrency);
  });

  router.get('/currencies/:id', (ctx) => {
    const currency = catalogue.currency(ctx.params.id!);
    if (!currency) throw new NotFound();
    ctx.body = presentCurrency(currency);
  });
}
