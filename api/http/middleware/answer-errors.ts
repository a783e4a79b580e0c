import type { Middleware } from 'koa';
import type { Log } from '../../../core/log.ts';
import { SubmitError } from '../../../matcher/client.ts';
import type { ApiMetrics } from '../../system/metrics.ts';
import type { PublicState } from '../context.ts';
import { answerTo, type ErrorAnswer } from '../error-answers.ts';

/** What a request is known by in the log. */
type Asked = {
  readonly request_id: string;
  readonly trace_id?: string | undefined;
  readonly method: string;
  readonly path: string;
};

/** The answer to a request that threw. What nobody foresaw is logged with its stack. */
export type AnswerError = (error: unknown, request: Asked, address?: string) => ErrorAnswer;

export function createAnswerError(log: Log, metrics: Pick<ApiMetrics, 'refusedByBacklog'>): AnswerError {
  const warn = createWarn(log, 'a request could not be answered');
  const turnedAway = createWarn(log, 'a request carried no valid credentials');
  return (error, request, address) => {
    if (error instanceof SubmitError && error.backlog) metrics.refusedByBacklog();
    const answer = answerTo(error);
    if (answer.status === 401) turnedAway({ ...request, address, reason: answer.message });
    if (answer.status === 500) log.error({ err: error, ...request }, 'a request failed');
    else if (answer.status > 500) {
      if (isLost(error)) log.warn({ error: String(error), ...request }, 'what was sent may have been taken');
      else warn({ error: String(error), ...request });
    }
    return answer;
  };
}

/** Turns whatever was thrown into an answer. */
export function answerErrors(...parts: Parameters<typeof createAnswerError>): Middleware<PublicState> {
  const answerError = createAnswerError(...parts);
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const { requestId, traceId } = ctx.state;
      const request = { request_id: requestId, trace_id: traceId, method: ctx.method, path: ctx.path };
      const answer = answerError(error, request, ctx.ip);
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
