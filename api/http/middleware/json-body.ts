import type { Middleware } from 'koa';
import { HttpMethodEnum, koaBody } from 'koa-body';
import type { PublicState } from '../context.ts';
import { BadRequest, HttpError } from '../errors.ts';
import { checkJson } from '../json-text.ts';

const amounts = new Set(['price', 'size', 'funds', 'stop_price', 'amount']);
const mebibyte = 1_048_576;
const { POST, PUT, DELETE } = HttpMethodEnum;

/** Reads a JSON body of at most `mebibytes`. A request may go without one only where that is said to be `optional`. */
export function jsonBody({ mebibytes = 1, optional = false } = {}): Middleware<PublicState> {
  const parse = koaBody({
    jsonLimit: mebibytes * mebibyte,
    multipart: false,
    urlencoded: false,
    text: false,
    includeUnparsed: true,
    parsedMethods: [POST, PUT, DELETE],
    onError: (error) => {
      throw bodyError(error, mebibytes);
    },
  });
  return (ctx, next) =>
    parse(ctx, () => {
      const { body, rawBody } = ctx.request;
      if (body === undefined) refuseOtherTypes(ctx.req.headers, optional);
      const problem = rawBody ? checkJson(rawBody, amounts) : null;
      if (problem) throw new BadRequest(atIndex(problem.index, problem.message));
      return next();
    });
}

/** How a problem of one element of a batch is told. */
export function atIndex(index: number | null, message: string): string {
  return index === null ? message : `Order at index ${index}: ${message}`;
}

function refuseOtherTypes(headers: NodeJS.Dict<string | string[]>, optional: boolean): void {
  const isEmpty = headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
  if (!isEmpty) throw new BadRequest('Invalid body: must be JSON, with Content-Type: application/json');
  if (!optional) throw new BadRequest('Invalid body: a JSON body is required');
}

function bodyError(error: Error, mebibytes: number): Error {
  const { status, code } = error as Error & { status?: number; code?: string };
  if (status === 413) return new HttpError(413, `Request body too large: at most ${mebibytes} MiB`);
  if (error instanceof SyntaxError) return new BadRequest(`Malformed JSON: ${error.message}`);
  // The body came to an early end, or is compressed in a way that nobody knows or that does not fit its content.
  if (status !== undefined || code !== undefined) return new BadRequest(`Invalid body: ${error.message}`);
  return error;
}
