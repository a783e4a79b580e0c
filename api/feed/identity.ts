import type { IncomingMessage } from 'node:http';
import type { Callers } from '../auth/callers.ts';
import { type Credentials, type Identity, identify } from '../auth/identify.ts';
import { sessionCookie } from '../auth/sessions/cookie.ts';
import { InvalidToken } from '../errors.ts';

/** Whose message on a socket it is; null if neither it nor the socket's opening says. Throws `Unauthorized`. */
export type FindIdentity = (message: Readonly<Record<string, unknown>>) => Promise<Identity | null>;

export type Opening = {
  readonly request: IncomingMessage;
  readonly address: string | undefined;
  /** Pages of these origins may use the api. */
  readonly origins: ReadonlySet<string>;
};

/** What a message carries goes before what the socket was opened with. */
export function createFindIdentity(callers: Callers, opening: Opening): FindIdentity {
  return async (message) => {
    const credentials = ofMessage(message) ?? ofOpening(opening);
    return credentials && identify(callers, credentials, opening.address);
  };
}

function ofMessage(message: Readonly<Record<string, unknown>>): Credentials | null {
  const { token, key } = message;
  if (token !== undefined) return { token: readToken(token) };
  // Some clients send an empty key when they have none.
  if (key === undefined || key === '') return null;
  return message as Exclude<Credentials, { token: string }>;
}

function ofOpening({ request: { headers }, origins }: Opening): Credentials | null {
  if (headers.authorization) return { token: readToken(headers.authorization.replace(/^Bearer +/i, '')) };
  const cookie = new RegExp(`(?:^|; *)${sessionCookie}=([^;]+)`).exec(headers.cookie ?? '')?.[1];
  // A browser sends the cookie for any page, and lets any page open a socket.
  if (!cookie || !headers.origin) return null;
  const isOwn = headers.origin.replace(/^https?:\/\//, '') === headers.host;
  return isOwn || origins.has(headers.origin) ? { token: readToken(cookie) } : null;
}

function readToken(given: unknown): string {
  if (typeof given !== 'string' || !/^[\w.~+/=-]{1,512}$/.test(given)) throw new InvalidToken();
  return given;
}
