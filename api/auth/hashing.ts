import { hash, verify } from '@node-rs/argon2';
import { Unavailable } from '../errors.ts';

/** OWASP's second choice of parameters for argon2id, the package's default; 18 ms on one core. */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashing takes a thread of four and 19 MiB: so many at once leave the others to DNS and files. */
const mostAtOnce = 2;
const mostWaiting = 200;

let atWork = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (atWork >= mostAtOnce) {
    if (waiting.length >= mostWaiting) throw new Unavailable('Too many log in at once; ask again');
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    atWork++;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else atWork--;
  }
}

/** For passwords and passphrases, which people choose and repeat. What is drawn by chance needs no more than SHA-256. */
export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, options));
}

export function isPassword(stored: string, given: string): Promise<boolean> {
  return inTurn(() => verify(stored, given));
}

let nobodys: Promise<string> | null = null;

/** Takes as long as `isPassword`, so that time does not tell which names there are. */
export async function isNobodysPassword(given: string): Promise<false> {
  nobodys ??= hashPassword('nobody has this password');
  await isPassword(await nobodys, given);
  return false;
}
