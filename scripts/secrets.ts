// Makes the passwords and the key of an exchange in containers, once, and keeps them as files.
//
// Why: a password that everybody knows is none, and one that has to be thought of first keeps people from starting.
//
// Usage: node scripts/secrets.ts <folder>          --help

import { makeSecrets, SecretRefused } from './launcher/container-secrets.ts';
import { readEnvironment } from './launcher/servers/environment.ts';

const help = `Usage: node scripts/secrets.ts <folder>

Writes what is not there yet into <folder>: exchange/ has the addresses of Redis and PostgreSQL and the key that seals
secrets; redis/, postgres/ and grafana/ have their passwords. REDIS_PASSWORD, POSTGRES_PASSWORD, GRAFANA_PASSWORD and
SECRETS_KEY are taken if they are given. REDIS_SENTINELS (hosts with commas between them) know the primary, if given.`;

const folder = process.argv[2];
if (folder === undefined || folder === '--help') {
  console.log(help);
  process.exitCode = folder === undefined ? 2 : 0;
} else {
  try {
    makeSecrets(folder, readEnvironment().inherited);
    console.log('The secrets are there.');
  } catch (error) {
    if (!(error instanceof SecretRefused)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
