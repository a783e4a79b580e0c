// Makes, lists and revokes API keys, and seals their secrets anew when the sealing key changes.
//
// Why: bots log in by keys, and the first one of an exchange, or one for a trader without a password, has nobody to ask.
//
// Usage: npm run key -- --help

import { parseArgs } from 'node:util';
import type { DatabasePool } from 'slonik';
import { createKey, type KeySecrets } from '../api/auth/keys/create-key.ts';
import { presentKey, presentNewKey } from '../api/auth/keys/presentation.ts';
import { reseal } from '../api/auth/keys/reseal.ts';
import { type Permission, permissions, permissionsOf } from '../api/auth/permissions.ts';
import { findKeyByName, type KeyOwner, type KeyRow, listKeys, revokeKey } from '../api/auth/queries/keys.ts';
import { createLog } from '../core/log.ts';
import { createSealing, parseSealingKeys, type Sealing } from '../core/sealing.ts';
import { openPool } from '../sql/pool.ts';
import { readDemo } from './launcher/demo.ts';
import { readSecretsKey } from './launcher/secrets-key.ts';
import { readEnvironment } from './launcher/servers/environment.ts';

const help = `Usage: npm run key -- create <owner> [--permissions view,trade] [--label text] [--from network]… [--expires time]
       npm run key -- list <owner>
       npm run key -- revoke <key>
       npm run key -- reseal

An owner is a trader's number, operator or auditor. Permissions are ${permissions.join(', ')}; without
--permissions a key has all that its owner may do. A secret is shown once, when it is made.

reseal seals every secret with the first key of SECRETS_KEY; put the new key before the old one, run it, restart the
api, and remove the old key.

Environment: DATABASE_URL and SECRETS_KEY, or DATA_DIR of an exchange that npm start runs (.data).`;

class UsageError extends Error {}

function ownerOf(text: string | undefined): KeyOwner {
  if (text === 'operator' || text === 'auditor') return { role: text, traderId: null };
  if (text === undefined || !/^[1-9]\d{0,8}$/.test(text))
    throw new UsageError('Name the owner: a trader, operator or auditor.');
  return { role: 'trader', traderId: Number(text) };
}

function permissionsFor({ role }: KeyOwner, text: string | undefined): Permission[] {
  const wanted = text === undefined ? [...permissionsOf[role]] : text.split(',');
  const unknown = wanted.find((name) => !(permissionsOf[role] as ReadonlySet<string>).has(name));
  if (unknown !== undefined) throw new UsageError(`An ${role} cannot have the permission ${unknown}.`);
  return wanted as Permission[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean' },
    permissions: { type: 'string' },
    label: { type: 'string', default: '' },
    from: { type: 'string', multiple: true, default: [] },
    expires: { type: 'string' },
  },
});

async function create(pool: DatabasePool, sealing: Sealing): Promise<KeySecrets & { row: KeyRow }> {
  const owner = ownerOf(positionals[1]);
  const made = await createKey(pool, sealing, {
    ...owner,
    label: values.label,
    permissions: permissionsFor(owner, values.permissions),
    allowedAddresses: values.from,
    expiresAt: values.expires ?? null,
  });
  if (!made) throw new UsageError('The owner has as many keys as it may have; revoke one first.');
  return made;
}

async function revoke(pool: DatabasePool): Promise<KeyRow> {
  const found = await findKeyByName(pool, positionals[1] ?? '');
  const revoked = found && (await revokeKey(pool, found.keyId, found));
  if (!revoked) throw new UsageError('There is no such key, or it is revoked.');
  return revoked;
}

function show(value: unknown): void {
  console.log(JSON.stringify(value, null, 2));
}

async function run(): Promise<void> {
  const { databaseUrl: given, dataDir, secretsKey } = readEnvironment();
  const databaseUrl = given ?? readDemo(dataDir)?.databaseUrl;
  if (databaseUrl === undefined)
    throw new UsageError('Set DATABASE_URL, or DATA_DIR of an exchange that runs.');
  const keys = secretsKey ?? readSecretsKey(dataDir);
  if (keys === undefined) throw new UsageError('Set SECRETS_KEY, or DATA_DIR of an exchange that runs.');
  const sealing = createSealing(parseSealingKeys(keys));
  const pool = await openPool(databaseUrl, createLog('key', 'warn'), {
    maxPoolSize: 1,
    statementTimeout: 10_000,
  });
  try {
    const [command] = positionals;
    if (command === 'create') show(presentNewKey(await create(pool, sealing)));
    else if (command === 'list') show((await listKeys(pool, ownerOf(positionals[1]))).map(presentKey));
    else if (command === 'revoke') show(presentKey(await revoke(pool)));
    else if (command === 'reseal') show({ sealed: await reseal(pool, sealing) });
    else throw new UsageError(help);
  } finally {
    await pool.end();
  }
}

if (values.help) console.log(help);
else {
  try {
    await run();
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : error);
    process.exitCode = 1;
  }
}
