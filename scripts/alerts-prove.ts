// Causes the fault of each alert for real, and sees that the alert fires and ends.
//
// Why: an alert that was never seen to fire is a guess. Killing the api once raised none at all.
//
// Usage: npm run alerts:prove
//        npm run alerts:prove -- --help

import { main } from './console/command.ts';
import { onStopWish } from './console/signals.ts';
import { linesOf } from './console/table.ts';
import { type AlertsOptions, alertsCommand } from './lab/alerts/options.ts';
import { findPrometheus } from './lab/alerts/prometheus.ts';
import { type Proof, proveAlerts } from './lab/alerts/prove.ts';
import { StartError } from './launcher/servers/errors.ts';

function describe(proofs: readonly Proof[]): string[] {
  const seconds = (value: number | null) => (value === null ? 'never' : `${value.toFixed(0)} s`);
  const rows = proofs.map(({ scene, alert, firedAfter, endedAfter, besides }) => [
    ...[scene, alert, seconds(firedAfter), seconds(endedAfter), besides.join(' ')],
  ]);
  return linesOf([['scene', 'alert', 'fired', 'ended', 'besides'], ...rows], [0, 1, 4]);
}

async function run(options: AlertsOptions): Promise<void> {
  const bin = findPrometheus();
  if (bin === undefined)
    throw new StartError('There is no prometheus on PATH; Debian has it in the package of that name.');
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  interrupted.catch(() => {});
  onStopWish((wish) => (wish === 1 ? reject(new StartError('Stopped.')) : process.exit(1)));
  const proofs = await proveAlerts(bin, options, { log: console.error, interrupted });
  console.log(`Durations of the rules divided by ${options.speed}, scrapes 1 s apart.`);
  console.log(describe(proofs).join('\n'));
  process.exitCode = proofs.every(({ firedAfter, endedAfter }) => firedAfter && endedAfter) ? 0 : 1;
}

await main(alertsCommand().action(run));
