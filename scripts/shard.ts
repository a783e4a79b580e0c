// Adds a shard to an exchange, and lists those there are.
//
// Why: a shard is a row with a number of its own; who wrote it by hand could give two shards the same sequences.

import { parseArgs } from 'node:util';
import { sql } from 'slonik';
import { z } from 'zod';
import { createLog } from '../core/log.ts';
import { addShard } from '../sql/add-shard.ts';
import { openPool } from '../sql/pool.ts';
import { readDemo } from './launcher/demo.ts';
import { readEnvironment } from './launcher/servers/environment.ts';

const help = `Usage: npm run shard -- add NAME     a new shard: small letters, digits, - and _, 32 at most
       npm run shard -- list

Works on DATABASE_URL, or on the exchange that npm start runs in DATA_DIR. Start a matcher and a writer with SHARD=NAME, and
every api anew (SIGHUP replaces the workers of one without a failed request); then POST /products takes "shard": "NAME".`;

class UsageError extends Error {}

const shardRow = z.object({ shard: z.string(), number: z.number(), sequence: z.number() });

async function run(words: readonly string[]): Promise<void> {
  const { databaseUrl: given, dataDir } = readEnvironment();
  const databaseUrl = given ?? readDemo(dataDir)?.databaseUrl;
  if (databaseUrl === undefined)
    throw new UsageError('Set DATABASE_URL, or DATA_DIR of an exchange that runs.');
  const [command, name, ...rest] = words;
  const isRight = command === 'list' ? name === undefined : command === 'add' && name !== undefined;
  if (!isRight || rest.length > 0) throw new UsageError(help);
  if (name !== undefined && !/^[a-z0-9_-]{1,32}$/.test(name))
    throw new UsageError(
      `${name} cannot be the name of a shard: small letters, digits, - and _, 32 at most.`,
    );
  const pool = await openPool(databaseUrl, createLog('shard', 'warn'), {
    maxPoolSize: 1,
    statementTimeout: 10_000,
  });
  try {
    if (name === undefined) {
      const rows = await pool.any(
        sql.type(shardRow)`select shard, number, sequence from checkpoints order by number`,
      );
      for (const { shard, number, sequence } of rows)
        console.log(`${shard}  number ${number}, persisted up to ${sequence}`);
      return;
    }
    const number = await addShard(pool, name);
    if (number === null) throw new UsageError(`There is a shard ${name} already.`);
    console.log(`Added shard ${name} with the number ${number}.`);
  } finally {
    await pool.end();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', default: false } },
});
if (values.help) console.log(help);
else {
  try {
    await run(positionals);
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : String(error));
    process.exitCode = 1;
  }
}
