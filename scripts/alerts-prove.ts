// Causes the fault of each alert for real, and sees that the alert fires and ends.
//
// Why: an alert that was never seen to fire is a guess. Killing the api once raised none at all.
//
// Usage: npm run alerts:prove
//        npm run alerts:prove -- --help

import { type AlertsOptions, alertsHelp, readAlertsOptions } from './lab/alerts/options.ts';
import { findPrometheus } from './lab/alerts/prometheus.ts';
import { type Proof, proveAlerts } from './lab/alerts/prove.ts';
import { UsageError } from './lab/bench/options.ts';
import { StartError } from './launcher/servers/errors.ts';

function describe(proofs: readonly Proof[], { speed }: AlertsOptions): string {
  const seconds = (value: number | null) => (value === null ? 'never' : `${value.toFixed(0)} s`).padStart(8);
  const rows = proofs.map(
    ({ scene, alert, firedAfter, endedAfter, besides }) =>
      `${scene.padEnd(15)}${alert.padEnd(31)}${seconds(firedAfter)}${seconds(endedAfter)}   ${besides.join(' ')}`,
  );
  return [
    `Durations of the rules divided by ${speed}, scrapes 1 s apart.`,
    `${'scene'.padEnd(15)}${'alert'.padEnd(31)}${'fired'.padStart(8)}${'ended'.padStart(8)}   besides`,
    ...rows,
  ].join('\n');
}

async function main(): Promise<void> {
  const options = readAlertsOptions(process.argv.slice(2));
  if (options === 'help') return console.log(alertsHelp);
  const bin = findPrometheus();
  if (bin === undefined)
    throw new StartError('There is no prometheus on PATH; Debian has it in the package of that name.');
  const proofs = await proveAlerts(bin, options, (line) => console.error(line));
  console.log(describe(proofs, options));
  process.exitCode = proofs.every(({ firedAfter, endedAfter }) => firedAfter && endedAfter) ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError || error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
process.exit();
