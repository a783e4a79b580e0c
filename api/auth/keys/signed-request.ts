import { Unauthorized } from '../../errors.ts';

/** What the dialect signs a request with, as its headers or a subscription's fields say it. */
export type Signature = {
  readonly key: string;
  readonly signature: string;
  /** Seconds, in the words that were signed. */
  readonly timestamp: string;
  readonly passphrase: string;
};

/** What is signed besides the time and the body, exactly as received. */
export type Signed = { readonly method: string; readonly target: string };

const names = {
  key: 'CB-ACCESS-KEY',
  signature: 'CB-ACCESS-SIGN',
  timestamp: 'CB-ACCESS-TIMESTAMP',
  passphrase: 'CB-ACCESS-PASSPHRASE',
} as const;

/** The signature of a request. Throws if one of its headers is missing. */
export function readSignature(headers: NodeJS.Dict<string | string[]>): Signature {
  const read = (name: string): string => {
    const value = headers[name.toLowerCase()];
    if (typeof value !== 'string' || value === '') throw new MissingHeader(name);
    return value;
  };
  return {
    key: read(names.key),
    signature: read(names.signature),
    timestamp: read(names.timestamp),
    passphrase: read(names.passphrase),
  };
}

export class MissingHeader extends Unauthorized {
  constructor(name: string) {
    super(`${name} header is required`);
    this.name = 'MissingHeader';
  }
}

const mostSecondsApart = 30;

/** Two requests of one second may have the same signature, so a repeat within this time is legal. */
export function refuseStale({ timestamp }: Signature): void {
  if (!/^\d{1,15}(?:\.\d{1,12})?$/.test(timestamp)) throw new Unauthorized('invalid timestamp');
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > mostSecondsApart)
    throw new Unauthorized('request timestamp expired');
}
