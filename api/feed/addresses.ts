/** What one address may do, in all of its sockets on this process. */
export type AddressLimits = {
  readonly sockets: number;
  readonly openingsPerSecond: number;
  readonly messagesPerSecond: number;
};

export type Address = {
  /** False if the client has sent more messages than it may. */
  readonly mayAsk: () => boolean;
  readonly leave: () => void;
};

export const noLimits: AddressLimits = {
  sockets: Number.POSITIVE_INFINITY,
  openingsPerSecond: Number.POSITIVE_INFINITY,
  messagesPerSecond: Number.POSITIVE_INFINITY,
};

/** A bucket that fills up at a rate; `burst` times the rate is what it holds. */
type Bucket = { tokens: number; at: number };
const burst = 2.5;

type Known = { sockets: number; readonly openings: Bucket; readonly messages: Bucket };

const forgetEveryMs = 10_000;

export type Addresses = {
  /** Counts a new socket, or refuses it. */
  readonly enter: (address: string) => Address | null;
  readonly close: () => void;
};

export function createAddresses(limits: AddressLimits): Addresses {
  const known = new Map<string, Known>();
  const { openingsPerSecond, messagesPerSecond } = limits;
  const forget = setInterval(() => {
    const now = Date.now();
    for (const [address, { sockets, openings }] of known)
      if (sockets === 0 && now - openings.at > forgetEveryMs) known.delete(address);
  }, forgetEveryMs);
  return {
    enter: (address) => {
      let one = known.get(address);
      if (!one) {
        one = {
          sockets: 0,
          openings: fullBucket(openingsPerSecond),
          messages: fullBucket(messagesPerSecond),
        };
        known.set(address, one);
      }
      if (one.sockets >= limits.sockets || !take(one.openings, openingsPerSecond)) return null;
      one.sockets++;
      const { messages } = one;
      return {
        mayAsk: () => take(messages, messagesPerSecond),
        leave: () => {
          one.sockets--;
        },
      };
    },
    close: () => clearInterval(forget),
  };
}

function fullBucket(rate: number): Bucket {
  return { tokens: rate * burst, at: Date.now() };
}

function take(bucket: Bucket, rate: number): boolean {
  if (rate === Number.POSITIVE_INFINITY) return true;
  const now = Date.now();
  bucket.tokens = Math.min(rate * burst, bucket.tokens + ((now - bucket.at) / 1_000) * rate);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens--;
  return true;
}
