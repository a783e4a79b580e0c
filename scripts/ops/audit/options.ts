// The options of an audit, read from the command line.

import { parseArgs } from 'node:util';
import { readDemo } from '../../launcher/demo.ts';
import { readEnvironment } from '../../launcher/servers/environment.ts';

export const auditHelp = `Usage: npm run audit [-- options]

Takes one consistent look at Redis and PostgreSQL and checks that they agree with each other and with themselves.
Trading may go on meanwhile. Ends with 0 if every check passes, and with 1 otherwise.

  --shard NAME   main if nothing is said
  --json FILE    write the result there as well
  --help

Looks into DATABASE_URL and REDIS_URL, or into the exchange that npm start runs in DATA_DIR.`;

export type Command = {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly shard: string;
  readonly json: string | null;
};

/** Throws if an option is unknown, or if there is no exchange to look into. */
export function readCommand(args: readonly string[]): Command | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      shard: { type: 'string', default: 'main' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const environment = readEnvironment();
  const demo = readDemo(environment.dataDir);
  const databaseUrl = environment.databaseUrl ?? demo?.databaseUrl;
  const redisUrl = environment.redisUrl ?? demo?.redisUrl;
  if (databaseUrl === undefined || redisUrl === undefined)
    throw new Error('no exchange runs in DATA_DIR, and DATABASE_URL and REDIS_URL are not both set');
  return { databaseUrl, redisUrl, shard: values.shard, json: values.json ?? null };
}
