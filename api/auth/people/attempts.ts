import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { TooManyRequests } from '../../errors.ts';

const quarterHour = 900;

/** How often somebody may fail in a quarter of an hour: with a name from an address, with a name, and from an address;
 * and how often an address may sign up. */
const mostAttempts = { nameAndAddress: 10, name: 50, address: 100, signUps: 50 };

/** Slows down whoever guesses. Each worker counts for itself, and allows its share. */
export type Attempts = {
  /** To be called before a guess is judged, so that a thousand at once are counted too. Throws `TooManyRequests`. */
  readonly attempt: (name: string, address: string) => Promise<void>;
  /** Takes the attempt back. */
  readonly succeeded: (name: string, address: string) => Promise<void>;
  readonly signUp: (address: string) => Promise<void>;
};

export function createAttempts(workers: number): Attempts {
  const limiter = (most: number, keyPrefix: string) =>
    new RateLimiterMemory({
      keyPrefix,
      points: Math.max(1, Math.floor(most / workers)),
      duration: quarterHour,
    });
  const limiters = {
    both: limiter(mostAttempts.nameAndAddress, 'both'),
    name: limiter(mostAttempts.name, 'name'),
    address: limiter(mostAttempts.address, 'address'),
    signUps: limiter(mostAttempts.signUps, 'sign-up'),
  };
  const consume = (counter: RateLimiterMemory, key: string) =>
    counter.consume(key).catch((counted: RateLimiterRes) => {
      throw new TooManyAttempts(counted);
    });
  const each = (name: string, address: string) =>
    [
      [limiters.both, `${name.toLowerCase()} ${address}`],
      [limiters.name, name.toLowerCase()],
      [limiters.address, address],
    ] as const;
  return {
    attempt: async (name, address) => {
      for (const [counter, key] of each(name, address)) await consume(counter, key);
    },
    signUp: async (address) => {
      await consume(limiters.signUps, address);
    },
    succeeded: async (name, address) => {
      for (const [counter, key] of each(name, address)) await counter.reward(key);
      await limiters.both.delete(`${name.toLowerCase()} ${address}`);
    },
  };
}

class TooManyAttempts extends TooManyRequests {
  constructor({ msBeforeNext }: RateLimiterRes) {
    super('Too many attempts; try again later', Math.ceil(msBeforeNext / 1_000));
    this.name = 'TooManyAttempts';
  }
}
