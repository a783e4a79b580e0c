import type { RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import type { Tracing } from '../../../core/tracing.ts';
import type { TracedRequests } from '../../shard/traced.ts';
import type { PublicState } from '../context.ts';

/** Traces the requests that are to be. One that has no id of its client's is given that of its trace. */
export function trace({ begin }: Tracing, requests: TracedRequests): Middleware<PublicState> {
  return async (ctx, next) => {
    const given = ctx.req.headers.traceparent;
    const span = begin(typeof given === 'string' ? given : undefined);
    if (!span) return next();
    ctx.state.traceId = span.traceId;
    if (ctx.req.headers['x-request-id'] === undefined) {
      ctx.state.requestId = span.traceId;
      ctx.set('X-Request-Id', span.traceId);
    }
    const { requestId } = ctx.state;
    requests.set(requestId, span.parent);
    try {
      await next();
    } finally {
      requests.delete(requestId);
      const { routerPath = 'none' } = ctx as unknown as RouterContext<PublicState>;
      const attributes = {
        ...{ 'http.request.method': ctx.method, 'http.route': routerPath },
        ...{ 'http.response.status_code': ctx.status, 'cardstock.request_id': requestId },
      };
      span.end(`${ctx.method} ${routerPath}`, attributes, ctx.status >= 500);
    }
  };
}
