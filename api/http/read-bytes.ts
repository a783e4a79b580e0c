import type { IncomingMessage } from 'node:http';
import { createUnzip, type Unzip } from 'node:zlib';
import { BadRequest, type RequestError, TooManyRequests, Unavailable } from '../errors.ts';
import type { BodyHold, Room } from './body-budget.ts';
import { HttpError } from './errors.ts';

const mebibyte = 1_048_576;
/** What a connection may send in vain after its request was refused, before it is closed. */
const mostInVain = 64 * mebibyte;

/**
 * The body of a request as it is behind its `Content-Encoding`. Stops as soon as it is larger than it may be, or than the
 * memory for bodies allows; what still comes is thrown away, so that the connection can be used again.
 */
export function readBytes(request: IncomingMessage, mebibytes: number, hold: BodyHold): Promise<Buffer> {
  const most = mebibytes * mebibyte;
  return new Promise((resolve, reject) => {
    const inflater = inflaterFor(request, hold);
    const source = inflater ?? request;
    const chunks: Buffer[] = [];
    let length = 0;
    const fail = (error: Error): void => {
      source.off('data', take).off('end', done);
      request.off('close', cut);
      hold.release();
      inflater?.destroy();
      throwAway(request);
      reject(error);
    };
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      const room = hold.grow(chunk.length);
      if (length > most) fail(tooLarge(mebibytes));
      else if (room !== 'fits') fail(noRoom(room));
      else chunks.push(chunk);
    };
    const done = (): void => {
      hold.release();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    };
    const cut = (): void => {
      if (!request.complete) fail(new BadRequest('Invalid body: request aborted'));
    };
    if (Number(request.headers['content-length'] ?? 0) > most && !inflater) return fail(tooLarge(mebibytes));
    source.on('data', take).on('end', done);
    source.on('error', (error) => fail(new BadRequest(`Invalid body: ${error.message}`)));
    request.on('close', cut);
    if (inflater) request.pipe(inflater);
  });
}

/** Null if the body comes as it is. Brotli is not among them: what it needs to begin with is up to 16 MiB. */
function inflaterFor({ headers }: IncomingMessage, hold: BodyHold): Unzip | null {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return null;
  if (encoding === 'gzip' || encoding === 'deflate') {
    const room = hold.inflate();
    if (room !== 'fits') throw noRoom(room);
    return createUnzip();
  }
  throw new HttpError(415, `Unsupported Content-Encoding: ${encoding}`, {
    'Accept-Encoding': 'gzip, deflate',
  });
}

function throwAway(request: IncomingMessage): void {
  let inVain = 0;
  request.unpipe();
  request.on('data', (chunk: Buffer) => {
    inVain += chunk.length;
    if (inVain > mostInVain) request.destroy();
  });
  request.on('error', () => {});
  request.resume();
}

function tooLarge(mebibytes: number): HttpError {
  return new HttpError(413, `Request body too large: at most ${mebibytes} MiB`);
}

function noRoom(which: Exclude<Room, 'fits'>): RequestError {
  return which === 'too much of one'
    ? new TooManyRequests(
        'Too many large or compressed requests of yours are under way; send this one again later',
      )
    : new Unavailable('Too many large requests are under way; nothing was taken, send it again');
}
