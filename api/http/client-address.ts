import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';
import type { Config } from '../../core/config.ts';

/** What an `IncomingMessage` has of it; other transports make one. */
type Request = {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
};

export type ClientAddress = {
  /** Where a request comes from, past all proxies that are trusted. */
  readonly of: (request: Request) => string;
  /** Whether the peer of the connection is trusted to say so. */
  readonly isTold: (request: Request) => boolean;
};

/**
 * Whoever is not trusted may write what it likes into `X-Forwarded-For`. A number trusts so many hops, whatever their addresses;
 * networks trust the proxies in them, and nobody who connects past them.
 */
export function createClientAddress(trusted: Config['trustedProxies']): ClientAddress {
  const trust: Trust =
    typeof trusted === 'number' ? (_, hop) => hop < trusted : proxyAddr.compile([...trusted]);
  return {
    of: (request) => proxyAddr(request as IncomingMessage, trust) ?? '',
    isTold: (request) => trust(request.socket.remoteAddress ?? '', 0),
  };
}

type Trust = (address: string, hop: number) => boolean;
