import { prometheusContentType } from 'prom-client';
import type { Api } from '../api.ts';
import type { PublicRoutes } from '../http/routes.ts';

/** Of all workers, whichever is asked. */
export function metricsRoutes(
  routes: PublicRoutes,
  { totals, sequences, servers, pendingTransfers }: Api,
): void {
  routes.get('/metrics', async (ctx) => {
    const texts = await Promise.all([totals(), sequences(), servers(), pendingTransfers()]);
    ctx.set('Content-Type', prometheusContentType);
    ctx.body = texts.join('\n');
  });
}
