import Router from '@koa/router';
import Koa from 'koa';
import type { Api } from './api.ts';
import type { State } from './context.ts';
import { NotFound } from './http-errors.ts';
import { accessLog } from './middleware/access-log.ts';
import { answerErrors } from './middleware/answer-errors.ts';
import { authenticate } from './middleware/authenticate.ts';
import { closeWhenStopping } from './middleware/close-when-stopping.ts';
import { measure } from './middleware/measure.ts';
import { requestId } from './middleware/request-id.ts';
import { accountRoutes } from './routes/accounts.ts';
import { currencyRoutes } from './routes/currencies.ts';
import { feeRoutes } from './routes/fees.ts';
import { fillRoutes } from './routes/fills.ts';
import { healthRoutes } from './routes/health.ts';
import { marketDataRoutes } from './routes/market-data.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { orderBatchRoutes } from './routes/order-batches.ts';
import { orderRoutes } from './routes/orders.ts';
import { positionRoutes } from './routes/positions.ts';
import { productRoutes } from './routes/products.ts';
import { profileRoutes } from './routes/profiles.ts';
import { timeRoutes } from './routes/time.ts';
import { transferRoutes } from './routes/transfers.ts';

export function createApp(api: Api): Koa<State> {
  const app = new Koa<State>();
  app.use(closeWhenStopping(api.stopping));
  app.use(measure(api.metrics));
  app.use(requestId());
  app.use(accessLog(api.log));
  app.use(answerErrors(api.log, api.metrics));
  for (const routes of allRoutes(api)) app.use(routes);
  app.use(() => {
    throw new NotFound();
  });
  // What goes wrong after an answer has begun: the client is gone.
  app.on('error', (error) => api.log.debug({ error: String(error) }, 'an answer was cut off'));
  return app;
}

/** A router tries all of its routes for each request, which costs some microseconds: orders come first, and alone. */
function allRoutes(api: Api) {
  const orders = new Router<State>();
  const router = new Router<State>();
  const trader = authenticate(api.findCaller);
  orderRoutes(orders, api, trader);
  orderBatchRoutes(orders, api, trader);
  fillRoutes(router, api, trader);
  productRoutes(router, api, trader);
  marketDataRoutes(router, api);
  currencyRoutes(router, api);
  timeRoutes(router);
  accountRoutes(router, api, trader);
  transferRoutes(router, api, trader);
  positionRoutes(router, api, trader);
  feeRoutes(router, trader);
  profileRoutes(router, api, trader);
  healthRoutes(router, api);
  metricsRoutes(router, api);
  return [orders.routes(), router.routes()];
}
