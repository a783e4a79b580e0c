import { readFileSync } from 'node:fs';

/** What carries a password or a key. Each may be in a file, which the variable with `_FILE` at its end names. */
export const secretVariables = [
  'REDIS_URL',
  'DATABASE_URL',
  'DATABASE_READ_URL',
  'SECRETS_KEY',
  'SMTP_URL',
  'RATE_LIMIT_REDIS_URL',
] as const;

/** The environment with what its `…_FILE` variables name. Throws a sentence if a file cannot be read, or both are given. */
export function withSecretFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read = { ...env };
  for (const name of secretVariables) {
    const path = env[`${name}_FILE`];
    delete read[`${name}_FILE`]; // child processes get the value
    if (!path) continue;
    if (env[name]) throw new SecretFileError(`${name} and ${name}_FILE are both given`);
    try {
      read[name] = readFileSync(path, 'utf8').trim();
    } catch (error) {
      throw new SecretFileError(`${name}_FILE cannot be read: ${(error as Error).message}`);
    }
  }
  return read;
}

export class SecretFileError extends Error {
  constructor(problem: string) {
    super(`The environment cannot be used. ${problem}`);
    this.name = 'SecretFileError';
  }
}
