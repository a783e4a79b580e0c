// The options of a run of faults.

import { randomInt } from 'node:crypto';
import { command, optionsFrom } from '../../console/command.ts';
import { jsonFile, namesOf, seedOf, whole } from '../../console/options.ts';
import { faults } from './kinds.ts';

const kinds = Object.keys(faults);
const listed = Object.entries(faults).map(([name, { says }]) => `  ${name.padEnd(20)}${says}`);

const says = `Runs a private exchange under orders of every kind, kills, stops and cuts off its processes and servers one after another,
and holds what its clients were answered against what PostgreSQL has; then audit and replay. Ends with 0 if nothing is lost,
doubled or contradicted, and with 1 otherwise: then the data are kept.`;

export const faultsCommand = () =>
  command('npm run faults', says)
    .addOption(whole('--faults <n>', 'end after so many', [1, 1e6]).default(100))
    .addOption(whole('--minutes <n>', 'end after so many', [1, 1e5]).default(60))
    .addOption(seedOf('kinds, moments and targets').default(randomInt(1_000_000), 'a new one'))
    .addOption(namesOf('--kinds <list>', 'only these, as kill-api,commit-kill', kinds))
    .addOption(jsonFile())
    .addHelpText('after', `\nKinds:\n${listed.join('\n')}`);

/** Ends after so many faults, or so many minutes, whichever comes first. */
export type FaultsOptions = ReturnType<ReturnType<typeof faultsCommand>['opts']>;

export const readFaultsOptions = (words: readonly string[]): FaultsOptions =>
  optionsFrom(faultsCommand(), words);
