import { isIP } from 'node:net';
import type { Context, Middleware } from 'koa';
import { batched } from '../../../core/batched.ts';
import type { Queries } from '../../../sql/with-timeout.ts';
import type { ClaimState } from '../../http/context.ts';
import { answerTo } from '../../http/error-answers.ts';
import { insertOperations, type Operation } from './queries.ts';

/** What must never be stored: it would let its reader do what it stands for. */
const secrets = new Set(['password', 'token', 'link', 'secret', 'passphrase']);

/** Notes what operators ask, done or refused, before they are answered. */
export function recordOperations(pool: Queries): Middleware<ClaimState> {
  const insert = batched((operations: readonly Operation[]) => insertOperations(pool, operations));
  return async (ctx, next) => {
    if (ctx.state.caller.role !== 'operator') return next();
    try {
      await next();
    } catch (error) {
      const { status, message } = answerTo(error);
      await insert(operationOf(ctx, status, { message }));
      throw error;
    }
    await insert(operationOf(ctx, ctx.status, ctx.body));
  };
}

function operationOf(ctx: Context & { state: ClaimState }, status: number, answer: unknown): Operation {
  const { shown } = ctx.state.claim;
  return {
    ...shown,
    address: isIP(ctx.ip) ? ctx.ip : null,
    requestId: ctx.state.requestId,
    method: ctx.method,
    path: ctx.url.slice(0, 1_000),
    status,
    body: textOf(ctx.request.body),
    before: textOf(ctx.state.before),
    answer: textOf(answer),
  };
}

const mostLetters = 20_000;

/** PostgreSQL takes no zero letter in a text. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value, (key, each) => (secrets.has(key) ? '…' : each)).replaceAll(
    '\\u0000',
    '',
  );
  return text.length > mostLetters ? JSON.stringify('…') : text;
}
