// Makes, lists and revokes API keys, and seals their secrets anew when the sealing key changes.
//
// Why: bots log in by keys, and the first one of an exchange, or one for a trader without a password, has nobody to ask.
//
// Usage: npm run key -- --help

import type { DatabasePool } from 'slonik';
import { createKey } from '../api/auth/keys/create-key.ts';
import { presentKey, presentNewKey } from '../api/auth/keys/presentation.ts';
import { type Permission, permissions, permissionsOf } from '../api/auth/permissions.ts';
import { findKeyByName, type KeyOwner, listKeys, revokeKey } from '../api/auth/queries/keys.ts';
import { reseal } from '../api/auth/reseal.ts';
import { createSealing, parseSealingKeys, type Sealing } from '../core/sealing.ts';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { withPool } from './launcher/connections.ts';
import { findDatabase } from './launcher/found.ts';
import { readSecretsKey } from './launcher/secrets-key.ts';
import { readEnvironment } from './launcher/servers/environment.ts';

function ownerOf(text: string): KeyOwner {
  if (text === 'operator' || text === 'auditor') return { role: text, traderId: null };
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError('Name the owner: a trader, operator or auditor.');
  return { role: 'trader', traderId: Number(text) };
}

function permissionsFor({ role }: KeyOwner, text: string | undefined): Permission[] {
  const wanted = text === undefined ? [...permissionsOf[role]] : text.split(',');
  const unknown = wanted.find((name) => !(permissionsOf[role] as ReadonlySet<string>).has(name));
  if (unknown !== undefined) throw new UsageError(`An ${role} cannot have the permission ${unknown}.`);
  return wanted as Permission[];
}

type NewKey = {
  readonly permissions?: string;
  readonly label: string;
  readonly from: string[];
  readonly expires?: string;
};

/** Does it with the database and the sealing of the exchange, and prints what comes of it. */
async function show(work: (pool: DatabasePool, sealing: Sealing) => Promise<unknown>): Promise<void> {
  const { dataDir, secretsKey } = readEnvironment();
  const keys = secretsKey ?? readSecretsKey(dataDir);
  if (keys === undefined) throw new UsageError('Set SECRETS_KEY, or DATA_DIR of an exchange that runs.');
  const sealing = createSealing(parseSealingKeys(keys));
  const result = await withPool(findDatabase(), (pool) => work(pool, sealing), {
    statementTimeoutMs: 10_000,
  });
  console.log(JSON.stringify(result, null, 2));
}

async function create(name: string, wanted: NewKey): Promise<void> {
  const owner = ownerOf(name);
  const { label, from: allowedAddresses, expires: expiresAt = null } = wanted;
  const permissions = permissionsFor(owner, wanted.permissions);
  await show(async (pool, sealing) => {
    const made = await createKey(pool, sealing, {
      ...owner,
      label,
      permissions,
      allowedAddresses,
      expiresAt,
    });
    if (!made) throw new UsageError('The owner has as many keys as it may have; revoke one first.');
    return presentNewKey(made);
  });
}

async function revoke(pool: DatabasePool, name: string) {
  const found = await findKeyByName(pool, name);
  const revoked = found && (await revokeKey(pool, found.keyId, found));
  if (!revoked) throw new UsageError('There is no such key, or it is revoked.');
  return presentKey(revoked);
}

const also = (one: string, others: string[]): string[] => [...others, one];

const says = `Makes, lists and revokes API keys, and seals their secrets. An owner is a trader's number, operator or auditor.

Environment: DATABASE_URL and SECRETS_KEY, or DATA_DIR of an exchange that npm start runs (.data).`;

const key = command('npm run key', says).usage(
  '-- create <owner> [options] | list <owner> | revoke <key> | reseal',
);
key
  .command('create')
  .description('a new key; its secret is shown once')
  .argument('<owner>')
  .option('--permissions <list>', `of ${permissions.join(', ')}; else all that its owner may have`)
  .option('--label <text>', 'what it is for', '')
  .option('--from <network>', 'it works from there only; may be said again', also, [])
  .option('--expires <time>', 'it works until then')
  .action(create);
key
  .command('list')
  .argument('<owner>')
  .action((name) => show(async (pool) => (await listKeys(pool, ownerOf(name))).map(presentKey)));
key
  .command('revoke')
  .argument('<key>')
  .action((name) => show((pool) => revoke(pool, name)));
key
  .command('reseal')
  .description(
    'seals every secret with the first key of SECRETS_KEY: those of API keys, second factors and webhooks. Put the new key before ' +
      'the old one, restart api and notifier, run it, and remove the old key',
  )
  .action(() => show(async (pool, sealing) => ({ sealed: await reseal(pool, sealing) })));
await main(key);
