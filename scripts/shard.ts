// Adds a shard to an exchange, and lists those there are.
//
// Why: a shard is a row with a number of its own; who wrote it by hand could give two shards the same sequences.
//
// Usage: npm run shard -- list
//        npm run shard -- add east

import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { addShard } from '../sql/add-shard.ts';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { withPool } from './launcher/connections.ts';
import { findDatabase, whereToLook } from './launcher/found.ts';

const shardRow = z.object({ shard: z.string(), number: z.number(), sequence: z.number() });

async function list(pool: DatabasePool): Promise<void> {
  const rows = await pool.any(
    sql.type(shardRow)`select shard, number, sequence from checkpoints order by number`,
  );
  for (const { shard, number, sequence } of rows)
    console.log(`${shard}  number ${number}, persisted up to ${sequence}`);
}

async function add(pool: DatabasePool, name: string): Promise<void> {
  if (!/^[a-z0-9_-]{1,32}$/.test(name))
    throw new UsageError(
      `${name} cannot be the name of a shard: small letters, digits, - and _, 32 at most.`,
    );
  const number = await addShard(pool, name);
  if (number === null) throw new UsageError(`There is a shard ${name} already.`);
  console.log(`Added shard ${name} with the number ${number}.`);
}

const says = `Adds and lists shards. ${whereToLook}

Matchers and writers with SHARD=* take a new shard over by themselves, or start a pair with SHARD=NAME. Every api serves it within a
second; then POST /products takes "shard": "NAME".`;

const shard = command('npm run shard', says).usage('-- add <name> | list');
shard
  .command('add')
  .description('a new shard')
  .argument('<name>', 'small letters, digits, - and _, 32 at most')
  .action((name) => withPool(findDatabase(), (pool) => add(pool, name), { statementTimeoutMs: 10_000 }));
shard
  .command('list')
  .description('each shard, its number, and how far it is persisted')
  .action(() => withPool(findDatabase(), list, { statementTimeoutMs: 10_000 }));
await main(shard);
