// The options of a run of faults, read from the command line.

import { randomInt } from 'node:crypto';
import { integer, parseWith, UsageError } from '../bench/options.ts';
import { faults } from './kinds.ts';

export type FaultsOptions = {
  /** Ends after so many faults, or so many minutes, whichever comes first. */
  readonly faults: number;
  readonly minutes: number;
  readonly seed: number;
  readonly kinds: readonly string[];
  readonly json: string | null;
};

const kindList = Object.entries(faults)
  .map(([name, { says }]) => `  ${name.padEnd(20)}${says}`)
  .join('\n');

export const faultsHelp = `Usage: npm run faults -- [options]

Runs a private exchange under orders of every kind, kills, stops and cuts off its processes and servers one after another,
and holds what its clients were answered against what PostgreSQL has; then audit and replay. Ends with 0 if nothing is lost,
doubled or contradicted, and with 1 otherwise: then the data are kept.

  --faults N      end after so many faults                      100
  --minutes M     end after so many minutes                     60
  --seed N        the same kinds, moments and targets again     a new one
  --kinds LIST    only these, as kill-api,commit-kill           all
  --json FILE     write the result there as well
  --help

Kinds:
${kindList}`;

export function readFaultsOptions(args: readonly string[]): FaultsOptions | 'help' {
  const values = parseWith(args, {
    faults: { type: 'string', default: '100' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    kinds: { type: 'string', default: Object.keys(faults).join(',') },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return 'help';
  return {
    faults: integer('faults', values.faults, 1, 1e6),
    minutes: integer('minutes', values.minutes, 1, 1e5),
    seed: integer('seed', values.seed, 0, 2 ** 31),
    kinds: values.kinds.split(',').map(known),
    json: values.json ?? null,
  };
}

function known(kind: string): string {
  if (kind in faults) return kind;
  throw new UsageError(`--kinds: "${kind}" is none of ${Object.keys(faults).join(', ')}.`);
}
