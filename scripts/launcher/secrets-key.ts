// What the secrets of API keys are sealed with: from the environment, or made once and kept in the data folder.

import { readFileSync, writeFileSync } from 'node:fs';
import { newSealingKey } from '../../core/sealing.ts';

function secretsFile(dataDir: string): string {
  return `${dataDir}/secrets-key`;
}

/** The key of an earlier start; undefined if there was none. */
export function readSecretsKey(dataDir: string): string | undefined {
  try {
    return readFileSync(secretsFile(dataDir), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Losing this key is losing all API keys, so it lies beside the data that need it, readable by their owner only. */
export function keepSecretsKey(dataDir: string): string {
  const kept = readSecretsKey(dataDir);
  if (kept !== undefined) return kept;
  const key = newSealingKey('first');
  writeFileSync(secretsFile(dataDir), `${key}\n`, { mode: 0o600, flag: 'wx' });
  return key;
}
