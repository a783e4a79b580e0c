// The passwords of the processes: one for each, in a file of its own, which is made if it is not there.

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseProcesses, type Passwords } from '../../../sql/rights.ts';
import { PlainError } from '../../console/errors.ts';

export const newPassword = (): string => randomBytes(24).toString('base64url');

export function keepPasswords(folder: string): Passwords {
  mkdirSync(folder, { recursive: true });
  const entries = databaseProcesses.map((process) => {
    const file = join(folder, process);
    if (!existsSync(file)) writeFileSync(file, `${newPassword()}\n`, { mode: 0o400 });
    const password = readFileSync(file, 'utf8').trim();
    if (password === '')
      throw new PlainError(`${file} is empty; it should hold the password of the ${process}.`);
    return [process, password] as const;
  });
  return Object.fromEntries(entries) as Passwords;
}

/** As Redis' rules have it, so that no file of Redis holds a password. */
export function passwordDigest(password: string): string {
  return createHash('sha256').update(password).digest('hex');
}
