import { integer, parseWith, UsageError } from '../bench/options.ts';
import { scenes } from './scenes.ts';

export type AlertsOptions = {
  /** Durations in the rules are divided by this. */
  readonly speed: number;
  readonly scenes: readonly string[];
  /** How long an alert may take to fire, and to end. */
  readonly patienceSeconds: number;
};

const list = Object.entries(scenes)
  .map(([name, { says, alerts }]) => `  ${name.padEnd(15)}${says}: ${alerts.join(', ')}`)
  .join('\n');

export const alertsHelp = `Usage: npm run alerts:prove -- [options]

Starts a private exchange and a Prometheus that scrapes it with the rules of deploy/prometheus, causes the fault of each alert
for real, waits until it fires, ends the fault, and waits until the alert has ended. Ends with 0 if all did.
Prometheus must be on PATH: Debian's package is named prometheus.

  --speed N       durations in the rules (windows, "for") are divided by this; scrapes are 1 s apart    20
                  1 proves the rules as they are, in hours
  --scenes LIST   only these, as kill-api,hang-redis                                                     all
  --help

Scenes:
${list}`;

/** The slowest alert looks back for six hours and ends after half an hour; twice that, by the clock of the rules. */
const slowest = 3_600;

export function readAlertsOptions(args: readonly string[]): AlertsOptions | 'help' {
  const values = parseWith(args, {
    speed: { type: 'string', default: '20' },
    scenes: { type: 'string', default: Object.keys(scenes).join(',') },
    help: { type: 'boolean', default: false },
  });
  if (values.help) return 'help';
  const speed = integer('speed', values.speed, 1, 100);
  return { speed, scenes: values.scenes.split(',').map(known), patienceSeconds: 30 + slowest / speed };
}

function known(name: string): string {
  if (name in scenes) return name;
  throw new UsageError(`--scenes: "${name}" is none of ${Object.keys(scenes).join(', ')}.`);
}
