// Kills, stops, cuts off and starves an exchange that is at work, and proves that it lost, doubled and made up nothing.
//
// Why: it is what the exchange promises, whatever dies and whenever. Clients keep their own record of what they sent and were
// answered; it must agree with PostgreSQL, and audit and replay must pass.
//
// Usage: npm run faults                             a hundred faults
//        npm run faults -- --faults 500 --seed 7    a long run, the same again with the same seed
//        npm run faults -- --kinds commit-kill      one kind
//        npm run faults -- --cluster --faults 200
//        npm run faults -- --help
//
// On private servers and processes of its own, each behind proxies of its own. As root, each server has a disk of its own.

import { main } from './console/command.ts';
import { withProgress } from './console/progress.ts';
import { untilSignal } from './console/signals.ts';
import { clusterFaults } from './lab/faults/cluster/kinds.ts';
import { openClusterStage } from './lab/faults/cluster/stage.ts';
import type { Faults } from './lab/faults/fault.ts';
import { faults } from './lab/faults/kinds.ts';
import { type FaultsOptions, faultsCommand } from './lab/faults/options.ts';
import { describeFaults, isSound, writeFaultsJson, writeSent } from './lab/faults/report.ts';
import { playFaults } from './lab/faults/run.ts';
import { openStage, type Scene } from './lab/faults/stage.ts';

/** At the first signal the run is checked as far as it came. */
async function run(options: FaultsOptions): Promise<void> {
  console.error(
    `Starting a private ${options.cluster ? 'cluster' : 'exchange'}; the seed is ${options.seed}.`,
  );
  const signal = untilSignal();
  if (options.cluster) await playOn(await openClusterStage(), clusterFaults, { options, signal });
  else await playOn(await openStage({}, { notifiers: 1 }), faults, { options, signal });
}

type Playing = { readonly options: FaultsOptions; readonly signal: AbortSignal };

async function playOn<S extends Scene>(
  stage: S,
  faults: Faults<S>,
  { options, signal }: Playing,
): Promise<void> {
  let isOk = false;
  try {
    const result = await withProgress((progress) => playFaults({ options, faults, stage, progress, signal }));
    isOk = isSound(result);
    if (!isOk) writeSent(`${stage.dataDir}/sent.jsonl`, result);
    console.log(describeFaults(result, options));
    if (options.json !== undefined) writeFaultsJson(options.json, result, options);
  } finally {
    await stage.close(!isOk);
    if (!isOk) console.log(`Data, logs and sent.jsonl, the clients' record, are in ${stage.dataDir}.`);
  }
  process.exitCode = isOk ? 0 : 1;
}

await main(faultsCommand().action(run));
