import type { Middleware, Request } from 'koa';
import { BadRequest } from '../../errors.ts';
import { bodies, ownerOf } from '../body-budget.ts';
import { checkJson } from '../json-text.ts';
import { readBytes } from '../read-bytes.ts';

declare module 'koa' {
  interface Request {
    /** Behind `jsonBody`: what the JSON says; undefined if there is no body. */
    body?: unknown;
    /** The body as it was sent, decompressed. */
    bytes?: Buffer;
  }
}

const amounts = new Set(['price', 'size', 'funds', 'stop_price', 'amount']);

/**
 * Reads a JSON body of at most `mebibytes`. A request may go without one only where that is said to be `optional`.
 * koa-body would do, if it could share a budget of memory among all bodies, and stop inflating one that is too large.
 */
export function jsonBody({ mebibytes = 1, optional = false } = {}): Middleware {
  return async (ctx, next) => {
    const { request } = ctx;
    request.bytes ??= await readBytes(ctx.req, mebibytes, bodies.hold(ownerOf(ctx)));
    if (request.bytes.length === 0) {
      if (!optional) throw new BadRequest('Invalid body: a JSON body is required');
    } else {
      if (!isJson(request))
        throw new BadRequest('Invalid body: must be JSON, with Content-Type: application/json');
      request.body = parseBody(request.bytes.toString());
    }
    await next();
  };
}

/** Nearly all clients write the type in this way; to look into how else it may be written costs 2 µs. */
function isJson(request: Request): boolean {
  return request.headers['content-type'] === 'application/json' || Boolean(request.is('json', '+json'));
}

/** What a body says. Throws `BadRequest` if it is no JSON, or none that can be taken by its word. */
export function parseBody(text: string): unknown {
  const body = parseText(text);
  const problem = checkJson(text, amounts);
  if (problem) throw new BadRequest(atIndex(problem.index, problem.message));
  if (typeof body !== 'object' || body === null)
    throw new BadRequest('Malformed JSON: must be an object or an array');
  return body;
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`Malformed JSON: ${(error as Error).message}`);
  }
}

/** How a problem of one element of a batch is told. */
export function atIndex(index: number | null, message: string): string {
  return index === null ? message : `Order at index ${index}: ${message}`;
}
