// Kills, stops, cuts off and starves an exchange that is at work, and proves that it lost, doubled and made up nothing.
//
// Why: it is what the exchange promises, whatever dies and whenever. Clients keep their own record of what they sent and were
// answered; it must agree with PostgreSQL, and audit and replay must pass.
//
// Usage: npm run faults                             a hundred faults
//        npm run faults -- --faults 500 --seed 7    a long run, the same again with the same seed
//        npm run faults -- --kinds commit-kill      one kind
//        npm run faults -- --help
//
// On private servers and processes of its own, each behind proxies of its own. As root, each server has a disk of its own.

import { UsageError } from './lab/bench/options.ts';
import { type FaultsOptions, faultsHelp, readFaultsOptions } from './lab/faults/options.ts';
import { describeFaults, isSound, writeFaultsJson, writeSent } from './lab/faults/report.ts';
import { playFaults } from './lab/faults/run.ts';
import { openStage } from './lab/faults/stage.ts';
import { createProgressBar } from './launcher/progress-bar.ts';
import { StartError } from './launcher/servers/errors.ts';
import { untilSignal } from './launcher/until-signal.ts';

/** At the first signal the run is checked as far as it came. */
async function run(options: FaultsOptions): Promise<boolean> {
  console.error(`Starting a private exchange; the seed is ${options.seed}.`);
  const stage = await openStage();
  let isOk = false;
  try {
    const bar = createProgressBar(1);
    const parts = { options, stage, progress: bar.show, signal: untilSignal() };
    const result = await playFaults(parts).finally(() => bar.end());
    isOk = isSound(result);
    if (!isOk) writeSent(`${stage.dataDir}/sent.jsonl`, result);
    console.log(describeFaults(result, options));
    if (options.json !== null) writeFaultsJson(options.json, result, options);
  } finally {
    await stage.close(!isOk);
    if (!isOk)
      console.log(
        `Data, logs and sent.jsonl, the clients' record, are in ${stage.dataDir}; its disks stay mounted.`,
      );
  }
  return isOk;
}

async function main(): Promise<void> {
  const options = readFaultsOptions(process.argv.slice(2));
  if (options === 'help') console.log(faultsHelp);
  else process.exitCode = (await run(options)) ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof UsageError || error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
process.exit();
