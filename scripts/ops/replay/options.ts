// The options of a replay, read from the command line.

import { parseArgs } from 'node:util';
import { readDemo } from '../../launcher/demo.ts';
import { type Environment, readEnvironment } from '../../launcher/servers/environment.ts';

export const replayHelp = `Usage: npm run replay [-- options]

Rebuilds every command from PostgreSQL alone, runs them through the matching script in a namespace of their own, and
compares what each came to, trade by trade. Ends with 0 if all is equal, with 2 if rows that it needs are in archives that it was
not given, and with 1 at the first difference or whatever else goes wrong.

  --until SEQUENCE      stop there, and print the books as they stood then
  --explain ORDER       say what was ahead of an order when it came in, and why it traded as it did
  --depth N             prices of each half to print                               10
  --shard NAME          whose commands                                             main
  --redis URL           replay in this Redis, instead of a private one
  --archives DIR        read what npm run retention has exported from there, in a private PostgreSQL
  --resume              go on where a replay was interrupted
  --json FILE           write the result there as well
  --help

Reads DATABASE_URL, or the exchange that npm start runs in DATA_DIR; writes to neither.`;

export type ReplayCommand = {
  readonly databaseUrl: string;
  /** Null for a private Redis. */
  readonly redisUrl: string | null;
  readonly archives: string | null;
  readonly environment: Environment;
  readonly shard: string;
  readonly until: number | null;
  readonly explain: number | null;
  readonly depth: number;
  readonly resume: boolean;
  readonly json: string | null;
};

/** Throws if an option is not what it should be, or if there is no exchange to read. */
export function readReplayCommand(args: readonly string[]): ReplayCommand | 'help' {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ until: text, explain: text, redis: text, archives: text, json: text, resume: flag, help: flag },
      depth: { type: 'string', default: '10' },
      shard: { type: 'string', default: 'main' },
    },
  });
  if (values.help) return 'help';
  const environment = readEnvironment();
  const databaseUrl = environment.databaseUrl ?? readDemo(environment.dataDir)?.databaseUrl;
  if (databaseUrl === undefined) throw new Error('no exchange runs in DATA_DIR, and DATABASE_URL is not set');
  if (values.resume && values.explain !== undefined)
    throw new Error('--explain must see all of what came before, so that it does not go with --resume');
  return {
    ...{ databaseUrl, environment, shard: values.shard, resume: values.resume, json: values.json ?? null },
    redisUrl: values.redis ?? null,
    archives: values.archives ?? null,
    until: sequenceIn('until', values.until),
    explain: sequenceIn('explain', values.explain),
    depth: sequenceIn('depth', values.depth)!,
  };
}

function sequenceIn(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const sequence = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(sequence) && sequence > 0) return sequence;
  throw new Error(`--${name} must be a whole number above 0, and is "${text}"`);
}
