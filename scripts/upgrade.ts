// Upgrades an exchange at work from an earlier version, process by process, and goes back again.
//
// Why: versions run beside each other while an upgrade lasts. What the one writes the other must read, and nobody may be refused.
//
// Usage: npm run test:upgrade                       from the last release, or from before the newest migration
//        npm run test:upgrade -- --from <commit>
//        npm run test:upgrade -- --help
//
// On private servers; the earlier version is a copy of the commit, with its own packages if they differ.

import { command, main } from './console/command.ts';
import { seedOf, whole } from './console/options.ts';
import { usualShard } from './lab/faults/orders.ts';
import { describeUpgrade, isSeamless } from './lab/upgrade/report.ts';
import { playUpgrade, type UpgradeResult } from './lab/upgrade/run.ts';
import { checkOut, earlierVersion } from './lab/upgrade/version.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { withTemporaryServers } from './launcher/servers/temporary-servers.ts';

type Options = { readonly from?: string | undefined; readonly orders: number; readonly seed: number };

const says = `Starts a private exchange of an earlier version (two apis, two matchers, two writers) and clients with orders of every kind,
migrates, replaces the processes one after another by those of this version, and goes back to the earlier one in the same way.
Then it holds what clients were answered against PostgreSQL; audit and replay follow. Ends with 0 if no request was refused and
nothing is lost, doubled or contradicted.`;

async function run({ from, orders, seed }: Options): Promise<void> {
  const commit = from ?? (await earlierVersion());
  const environment = { ...readEnvironment(), redisUrl: undefined, databaseUrl: undefined };
  const play = async (urls: { redisUrl: string; databaseUrl: string }, dataDir: string) => {
    const old = await checkOut(commit, `${dataDir}/old`);
    const servers = {
      dataDir,
      redis: { url: urls.redisUrl },
      shards: [usualShard],
      postgres: { url: urls.databaseUrl },
    };
    const say = (line: string) => console.error(line);
    return playUpgrade({ servers, old, orders, seed, say });
  };
  const result: UpgradeResult = await withTemporaryServers({ name: 'upgrade', environment }, play);
  console.log(describeUpgrade(result, commit));
  process.exitCode = isSeamless(result) ? 0 : 1;
}

await main(
  command('npm run test:upgrade', says)
    .option(
      '--from <commit>',
      'the earlier version; else the last release, or what was before the newest migration',
    )
    .addOption(whole('--orders <n>', 'that each mix of versions answers', [1, 1e6]).default(300))
    .addOption(seedOf('orders').default(1))
    .action(run),
);
