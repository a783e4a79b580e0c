// Makes the passwords and the key of an exchange in containers, once, and keeps them as files.
//
// Why: a password that everybody knows is none, and one that has to be thought of first keeps people from starting.
//
// Usage: node scripts/secrets.ts <folder>

import { command, main } from './console/command.ts';
import { makeSecrets } from './launcher/container-secrets.ts';
import { readEnvironment } from './launcher/servers/environment.ts';

const says = `Writes what is not there yet into the folder: exchange/ has the addresses of Redis and PostgreSQL and the key that seals
secrets, for commands; api/, matcher/, writer/ and notifier/ those of the processes, which can do no more than they need; redis/, postgres/ and grafana/ have their passwords. REDIS_PASSWORD, POSTGRES_PASSWORD, GRAFANA_PASSWORD and
SECRETS_KEY are taken if they are given. REDIS_SENTINELS (hosts with commas between them) know the primary, if given.`;

function run(folder: string): void {
  makeSecrets(folder, readEnvironment().inherited);
  console.log('The secrets are there.');
}

await main(
  command('node scripts/secrets.ts', says)
    .usage('<folder>')
    .argument('<folder>', 'where they go')
    .action(run),
);
