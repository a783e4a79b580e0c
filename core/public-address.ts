import { lookup as lookUp } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Nobody outside may make us speak to these: private, loopback, link-local, shared, documentation, multicast, reserved. */
const inner = new BlockList();
for (const [address, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inner.addSubnet(address, bits, 'ipv4');
/** Of IPv6 only what is global unicast, less what carries an IPv4 address inside or is for documentation. */
const global = new BlockList();
global.addSubnet('2000::', 3, 'ipv6');
for (const [address, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  inner.addSubnet(address, bits, 'ipv6');

export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !inner.check(address, 'ipv4');
  return isIP(address) === 6 && global.check(address, 'ipv6') && !inner.check(address, 'ipv6');
}

export class InnerAddressError extends Error {
  constructor(host: string) {
    super(`${host} is not a public address`);
    this.name = 'InnerAddressError';
  }
}

/** The host of a URL: `URL` has turned every notation of an IPv4 address into the usual one. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Throws `InnerAddressError` if the host is, or one of the addresses of its name is, not public. */
export async function assertPublicHost(url: URL): Promise<void> {
  const host = hostOf(url);
  if (isIP(host)) assertPublic(host, [host]);
  else
    await new Promise<void>((resolve, reject) =>
      publicLookup(host, { all: true }, (e) => (e ? reject(e) : resolve())),
    );
}

/** An address in the URL is never looked up, so this is asked before each connection as well as `publicLookup`. */
export function assertPublicLiteral(url: URL): void {
  const host = hostOf(url);
  if (isIP(host)) assertPublic(host, [host]);
}

/** As `dns.lookup`, for `http.request`: what is connected to is what was checked, however often the name changes. */
export const publicLookup: LookupFunction = (host, options, callback) => {
  lookUp(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    try {
      assertPublic(
        host,
        addresses.map(({ address }) => address),
      );
    } catch (refusal) {
      return callback(refusal as Error, '', 0);
    }
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

function assertPublic(host: string, addresses: readonly string[]): void {
  if (addresses.length === 0 || !addresses.every(isPublicAddress)) throw new InnerAddressError(host);
}
