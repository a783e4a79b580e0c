import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** A secret as it rests in the database: initialisation vector, tag and ciphertext of AES-256-GCM, and which key it takes. */
export type Sealed = { readonly bytes: Buffer; readonly sealedWith: string };

/** Seals what must be stored in a form that can be read again. `context` is bound in: a row's secret is good for no other row. */
export type Sealing = {
  readonly seal: (secret: Buffer, context: string) => Sealed;
  readonly unseal: (sealed: Sealed, context: string) => Buffer;
  /** The name of the key that new secrets are sealed with. */
  readonly newest: string;
};

const ivBytes = 12;
const tagBytes = 16;

/** The first key seals, all of them unseal. */
export function createSealing(keys: ReadonlyMap<string, KeyObject>): Sealing {
  const [newest] = keys.keys();
  if (newest === undefined) throw new TypeError('at least one key is needed');
  return {
    newest,
    seal: (secret, context) => {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', keys.get(newest)!, iv).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(secret), cipher.final()]);
      return { bytes: Buffer.concat([iv, cipher.getAuthTag(), text]), sealedWith: newest };
    },
    unseal: ({ bytes, sealedWith }, context) => {
      const key = keys.get(sealedWith);
      if (!key) throw new UnknownSealingKey(sealedWith);
      const iv = bytes.subarray(0, ivBytes);
      const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
    },
  };
}

export class UnknownSealingKey extends Error {
  readonly keyName: string;
  constructor(keyName: string) {
    super(`A secret is sealed with the key ${keyName}, which SECRETS_KEY does not have`);
    this.name = 'UnknownSealingKey';
    this.keyName = keyName;
  }
}

/** Keys as `SECRETS_KEY` lists them. */
export function parseSealingKeys(text: string): Map<string, KeyObject> {
  return new Map(
    text.split(',').map((part) => {
      const [name, base64] = part.split(':') as [string, string];
      return [name, createSecretKey(base64, 'base64')];
    }),
  );
}

export function newSealingKey(name: string): string {
  return `${name}:${randomBytes(32).toString('base64')}`;
}
