import Koa from 'koa';
import { feeRoutes } from './accounts/fee-routes.ts';
import { positionRoutes } from './accounts/position-routes.ts';
import { profileRoutes } from './accounts/profile-routes.ts';
import { accountRoutes } from './accounts/routes.ts';
import type { Api } from './api.ts';
import { authenticate } from './auth/authenticate.ts';
import { keyRoutes } from './auth/keys/routes.ts';
import { recordOperations } from './auth/operations/record.ts';
import { operationRoutes } from './auth/operations/routes.ts';
import { resetRoutes } from './auth/people/reset-routes.ts';
import { peopleRoutes } from './auth/people/routes.ts';
import { totpRoutes } from './auth/people/totp-routes.ts';
import { sessionRoutes } from './auth/sessions/routes.ts';
import { linkRoutes } from './community/link-routes.ts';
import { messageRoutes } from './community/message-routes.ts';
import { NotFound } from './errors.ts';
import { fillRoutes } from './fills/routes.ts';
import type { Graphql } from './graphql/graphql.ts';
import { graphqlRoutes } from './graphql/routes.ts';
import { createClientAddress } from './http/client-address.ts';
import type { PublicState } from './http/context.ts';
import { accessLog } from './http/middleware/access-log.ts';
import { answerErrors } from './http/middleware/answer-errors.ts';
import { answerPolicy } from './http/middleware/answer-policy.ts';
import { closeWhenStopping } from './http/middleware/close-when-stopping.ts';
import { compress } from './http/middleware/compress.ts';
import { cors } from './http/middleware/cors.ts';
import { forwarded } from './http/middleware/forwarded.ts';
import { measure } from './http/middleware/measure.ts';
import { requestId } from './http/middleware/request-id.ts';
import { trace } from './http/middleware/trace.ts';
import { createRouteTable, type RouteTable } from './http/routes.ts';
import { marketDataRoutes, sparkLineRoutes } from './market-data/routes.ts';
import { openApiRoutes } from './openapi/routes.ts';
import { orderBatchRoutes } from './orders/batch-routes.ts';
import { orderRoutes, placeRoutes } from './orders/routes.ts';
import { cancelAfterRoutes } from './orders/switches/routes.ts';
import { pageRoutes } from './page/routes.ts';
import { currencyRoutes } from './products/currency-routes.ts';
import { productRoutes } from './products/routes.ts';
import { healthRoutes } from './system/health-routes.ts';
import { metricsRoutes } from './system/metrics-routes.ts';
import { timeRoutes } from './system/time-routes.ts';
import { traderRoutes } from './traders/routes.ts';
import { transferRoutes } from './transfers/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

export function createApp(api: Api, graphql: Graphql): Koa<PublicState> {
  const { trustedProxies } = api.config;
  const app = new Koa<PublicState>({ proxy: trustedProxies !== 0 });
  app.use(closeWhenStopping(api.stopping));
  if (trustedProxies !== 0) app.use(forwarded(createClientAddress(trustedProxies)));
  app.use(measure(api.metrics));
  app.use(requestId());
  app.use(answerPolicy());
  if (api.tracing) app.use(trace(api.tracing, api.tracedRequests));
  app.use(cors(api.config));
  app.use(accessLog(api.log));
  app.use(compress());
  app.use(answerErrors(api.log, api.metrics));
  for (const routes of allRoutes(api, graphql)) app.use(routes);
  app.use(() => {
    throw new NotFound();
  });
  // What goes wrong after an answer has begun: the client is gone.
  app.on('error', (error) => api.log.debug({ error: String(error) }, 'an answer was cut off'));
  return app;
}

/** A router tries all of its routes for each request, which costs some microseconds: new orders come first, and alone. */
function allRoutes(api: Api, graphql: Graphql) {
  const parts = {
    authenticate: authenticate(api),
    limits: api.limits,
    record: recordOperations(api.pool),
  };
  const placing = createRouteTable(parts);
  placeRoutes(placing.forCallers, api);
  const orders = createRouteTable(parts);
  orderBatchRoutes(orders.forCallers, api); // before the routes of one order, or `batch` would be its id
  orderRoutes(orders.forCallers, api);
  cancelAfterRoutes(orders.forCallers, api);
  const others = createRouteTable(parts);
  mountOthers(others, api);
  graphqlRoutes(others.forAll, api, graphql);
  return [placing, orders, others].map(({ router }) => router.routes());
}

function mountOthers(table: RouteTable, api: Api): void {
  const { forAll, forCallers } = table;
  fillRoutes(forCallers, api);
  sparkLineRoutes(forAll, api);
  productRoutes(table, api);
  marketDataRoutes(forAll, api);
  messageRoutes(table, api);
  linkRoutes(table, api);
  currencyRoutes(forAll, api);
  timeRoutes(forAll);
  accountRoutes(forCallers, api);
  transferRoutes(forCallers, api);
  positionRoutes(forCallers, api);
  feeRoutes(forCallers, api);
  profileRoutes(forCallers, api);
  keyRoutes(forCallers, api);
  operationRoutes(forCallers, api);
  traderRoutes(forCallers, api);
  webhookRoutes(forCallers, api);
  sessionRoutes(table, api);
  peopleRoutes(table, api);
  resetRoutes(table, api);
  totpRoutes(forCallers, api);
  healthRoutes(forAll, api);
  metricsRoutes(forAll, api);
  pageRoutes(forAll, api);
  openApiRoutes(forAll);
}
