import { prometheusContentType } from 'prom-client';
import type { Api } from '../api.ts';
import type { ApiRouter } from '../http/context.ts';

/** Of all workers, whichever is asked. */
export function metricsRoutes(router: ApiRouter, { totals, sequences }: Api): void {
  router.get('/metrics', async (ctx) => {
    const texts = await Promise.all([totals(), sequences()]);
    ctx.set('Content-Type', prometheusContentType);
    ctx.body = texts.join('\n');
  });
}
