import type { Middleware } from 'koa';
import type { Log } from '../../../core/log.ts';
import { SubmitError } from '../../../matcher/client.ts';
import type { ApiMetrics } from '../../system/metrics.ts';
import type { PublicState } from '../context.ts';
import { answerTo } from '../error-answers.ts';

/** Turns whatever was thrown into an answer. What nobody foresaw is logged with its stack. */
export function answerErrors(
  log: Log,
  metrics: Pick<ApiMetrics, 'refusedByBacklog'>,
): Middleware<PublicState> {
  const warn = createWarn(log, 'a request could not be answered');
  const turnedAway = createWarn(log, 'a request carried no valid credentials');
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (error instanceof SubmitError && error.backlog) metrics.refusedByBacklog();
      const answer = answerTo(error);
      if (answer.status === 401)
        turnedAway({
          ...{
            request_id: ctx.state.requestId,
            trace_id: ctx.state.traceId,
            method: ctx.method,
            path: ctx.path,
          },
          ...{ address: ctx.ip, reason: answer.message },
        });
      if (answer.status >= 500) {
        const request = {
          request_id: ctx.state.requestId,
          trace_id: ctx.state.traceId,
          method: ctx.method,
          path: ctx.path,
        };
        if (answer.status === 500) log.error({ err: error, ...request }, 'a request failed');
        else if (isLost(error))
          log.warn({ error: String(error), ...request }, 'what was sent may have been taken');
        else warn({ error: String(error), ...request });
      }
      ctx.status = answer.status;
      ctx.set(answer.headers as Record<string, string>);
      ctx.body = { message: answer.message };
    }
  };
}

/** Commands were sent and Redis' answer was not received: rare, and each such request is worth a line. */
function isLost(error: unknown): boolean {
  return error instanceof SubmitError && !error.certain;
}

const warnEveryMs = 1_000;

/**
 * While something is away, or somebody guesses, many requests fail for the same reason: one a second is told, and how many
 * were not.
 */
function createWarn(log: Log, message: string): (failure: Record<string, unknown>) => void {
  let warnedAt = 0;
  let untold = 0;
  return (failure) => {
    if (Date.now() - warnedAt < warnEveryMs) {
      untold++;
      return;
    }
    log.warn({ ...failure, untold }, message);
    warnedAt = Date.now();
    untold = 0;
  };
}
