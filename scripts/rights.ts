// Gives each process a role in PostgreSQL and a user in Redis that can do no more than it needs.
//
// Why: a process that is taken over, such as the api, which everybody can talk to, must not be able to do what the others do.
//
// Usage: npm run rights -- show passwords/
//        npm run rights -- postgres passwords/
//        npm run rights -- redis passwords/

import { giveRights, type Passwords, rightsStatements } from '../sql/rights.ts';
import { withPostgres } from '../sql/with-postgres.ts';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { withRedis } from './launcher/connections.ts';
import { findDatabase } from './launcher/found.ts';
import { keepPasswords, passwordDigest } from './launcher/rights/passwords.ts';
import { redisProcesses, redisUserRules } from './launcher/rights/redis-users.ts';
import { readEnvironment } from './launcher/servers/environment.ts';

const redisUsers = (passwords: Passwords): string[][] =>
  redisProcesses.map((process) => redisUserRules(process, passwordDigest(passwords[process])));

function show(folder: string): void {
  const passwords = keepPasswords(folder);
  console.log('-- PostgreSQL, by the owner of the tables');
  for (const statement of rightsStatements('public', passwords)) console.log(`${statement};`);
  console.log('\n# Redis: lines of redis.conf, for each node');
  for (const rules of redisUsers(passwords)) console.log(`user ${rules.join(' ')}`);
}

async function giveInPostgres(folder: string): Promise<void> {
  const passwords = keepPasswords(folder);
  await withPostgres(findDatabase(), async (client) => {
    const { rows } = await client.query<{ schema: string }>('select current_schema() as schema');
    await giveRights(client, rows[0]!.schema, passwords);
  });
  console.log('The roles are there: cardstock_api, cardstock_matcher, cardstock_writer, cardstock_notifier.');
}

async function giveInRedis(folder: string): Promise<void> {
  const { redisUrl } = readEnvironment();
  if (redisUrl === undefined) throw new UsageError('Set REDIS_URL, with a user who may ACL SETUSER.');
  await withRedis(redisUrl, async (redis) => {
    for (const rules of redisUsers(keepPasswords(folder))) await redis.call('ACL', 'SETUSER', ...rules);
  });
  console.log(
    'The users are there until Redis restarts: cardstock-api, cardstock-matcher, cardstock-writer.',
  );
}

const says = `Gives each process a role in PostgreSQL and a user in Redis that can do no more than it needs. <folder> holds their passwords, a
file for each: api, matcher, writer, notifier; what is not there is made. Each process then gets addresses of its own, such as
DATABASE_URL=postgresql://cardstock_api:PASSWORD@host/cardstock and REDIS_URL=redis://cardstock-api:PASSWORD@host.

npm run migrate renews the rights of roles that are there. The commands of operators go on with the owner's addresses.`;

const rights = command('npm run rights', says).usage('-- show <folder> | postgres <folder> | redis <folder>');
const folder = ['<folder>', 'where their passwords are, or shall be'] as const;
rights
  .command('show')
  .description('the statements for PostgreSQL, and the lines for redis.conf')
  .argument(...folder)
  .action(show);
rights
  .command('postgres')
  .description('makes and changes the roles in DATABASE_URL')
  .argument(...folder)
  .action(giveInPostgres);
rights
  .command('redis')
  .description('makes and changes the users in REDIS_URL')
  .argument(...folder)
  .action(giveInRedis);
await main(rights);
