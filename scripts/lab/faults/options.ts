// The options of a run of faults.

import { randomInt } from 'node:crypto';
import { command, optionsFrom } from '../../console/command.ts';
import { jsonFile, namesOf, seedOf, whole } from '../../console/options.ts';
import { clusterFaults } from './cluster/kinds.ts';
import { faults } from './kinds.ts';

const kinds = [...new Set([...Object.keys(faults), ...Object.keys(clusterFaults)])];

const listOf = (all: Readonly<Record<string, { readonly says: string }>>): string =>
  Object.entries(all)
    .map(([name, { says }]) => `  ${name.padEnd(20)}${says}`)
    .join('\n');

const says = `Runs a private exchange under orders of every kind, kills, stops and cuts off its processes and servers one after another,
and holds what its clients were answered against what PostgreSQL has; then audit and replay. Ends with 0 if nothing is lost,
doubled or contradicted, and with 1 otherwise: then the data are kept.`;

export const faultsCommand = () =>
  command('npm run faults', says)
    .addOption(whole('--faults <n>', 'end after so many', [1, 1e6]).default(100))
    .addOption(whole('--minutes <n>', 'end after so many', [1, 1e5]).default(60))
    .addOption(seedOf('kinds, moments and targets').default(randomInt(1_000_000), 'a new one'))
    .addOption(namesOf('--kinds <list>', 'only these, as kill-api,commit-kill', kinds))
    .option(
      '--cluster',
      'on what npm run cluster starts: Redis Cluster, a standby of PostgreSQL, HAProxy, two shards',
    )
    .addOption(jsonFile())
    .addHelpText('after', `\nKinds:\n${listOf(faults)}\n\nKinds with --cluster:\n${listOf(clusterFaults)}`);

/** Ends after so many faults, or so many minutes, whichever comes first. */
export type FaultsOptions = ReturnType<ReturnType<typeof faultsCommand>['opts']>;

export const readFaultsOptions = (words: readonly string[]): FaultsOptions =>
  optionsFrom(faultsCommand(), words);
