/**
 * Brings the database to the newest schema.
 *
 * Usage: npm run migrate [-- --seed]      DATABASE_URL says where; --seed adds the cards and 10,000 traders
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runner } from 'node-pg-migrate';
import type { Client } from 'pg';
import { readConfig } from '../core/config.ts';
import { renewRights } from './rights.ts';
import { seed } from './seed.ts';
import { assertSessions } from './session-check.ts';
import { withPostgres } from './with-postgres.ts';

const dir = fileURLToPath(new URL('migrations/', import.meta.url));

/** Applies what is missing, in one transaction each, and returns the names. Two at once wait for each other. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  await assertSessions(databaseUrl);
  return withPostgres(databaseUrl, async (client) => {
    const schema = await ownSchema(client);
    const applied = await runner({
      dbClient: client,
      dir,
      direction: 'up',
      migrationsTable: 'migrations',
      schema,
      createSchema: true,
      advisoryLockMode: 'wait',
      log: () => {},
    });
    await renewRights(client, schema);
    return applied.map(({ name }) => name);
  });
}

/** The last schema of the search path: `public`, unless the connection string names another. */
async function ownSchema(client: Client): Promise<string> {
  const { rows } = await client.query<{ schema: string }>(
    `select trim(both ' "' from split_part(current_setting('search_path'), ',', -1)) as schema`,
  );
  return rows[0]!.schema;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--help')) {
    console.log(
      'Usage: npm run migrate [-- --seed]\nBrings DATABASE_URL to the newest schema; --seed adds products and traders.',
    );
  } else {
    const { databaseUrl } = readConfig();
    const applied = await migrate(databaseUrl);
    console.log(applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The schema is up to date.');
    if (process.argv.includes('--seed')) await seed(databaseUrl);
  }
}
