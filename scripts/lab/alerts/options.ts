// The options of a proof of the alerts.

import { command, optionsFrom } from '../../console/command.ts';
import { namesOf, whole } from '../../console/options.ts';
import { scenes } from './scenes.ts';

const listed = Object.entries(scenes).map(
  ([name, { says, alerts }]) => `  ${name.padEnd(15)}${says}: ${alerts.join(', ')}`,
);

const says = `Starts a private exchange and a Prometheus that scrapes it with the rules of deploy/prometheus, causes the fault of each alert
for real, waits until it fires, ends the fault, and waits until the alert has ended. Ends with 0 if all did.
Prometheus must be on PATH: Debian's package is named prometheus.`;

export const alertsCommand = () =>
  command('npm run alerts:prove', says)
    .addOption(
      whole(
        '--speed <n>',
        'durations in the rules (windows, "for") are divided by this; scrapes are 1 s apart. 1 proves them as they are, in hours',
        [1, 100],
      ).default(20),
    )
    .addOption(namesOf('--scenes <list>', 'only these, as kill-api,hang-redis', Object.keys(scenes)))
    .addHelpText('after', `\nScenes:\n${listed.join('\n')}`);

export type AlertsOptions = ReturnType<ReturnType<typeof alertsCommand>['opts']>;

export const readAlertsOptions = (words: readonly string[]): AlertsOptions =>
  optionsFrom(alertsCommand(), words);

/** The slowest alert looks back for six hours and ends after half an hour; twice that, by the clock of the rules. */
const slowest = 3_600;

/** How long an alert may take to fire, and to end. */
export function patienceSeconds({ speed }: AlertsOptions): number {
  return 30 + slowest / speed;
}
