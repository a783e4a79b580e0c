// Takes one consistent look at Redis and PostgreSQL and checks that nothing is lost, doubled or made up.
//
// Why: what an exchange promises must be a command that anyone can run, at any time, also right after a crash. PostgreSQL is
// read at one checkpoint, Redis in one transaction after it; the events between carry the one forward to the other.
//
// Usage: npm run audit
//        npm run audit -- --shard main --json audit.json
//
// The memory it needs grows with the open orders and the accounts, not with the history. A shard is held up for as long as
// Redis takes to copy its open orders, a second for a million.

import { command, main } from './console/command.ts';
import { jsonFile } from './console/options.ts';
import { withProgress } from './console/progress.ts';
import { findServers } from './launcher/found.ts';
import { StartError } from './launcher/servers/errors.ts';
import { audit } from './ops/audit/audit.ts';
import { describeAudit, passes, writeJson } from './ops/audit/report.ts';

type Options = { readonly shard: string; readonly json?: string };

async function run({ shard, json }: Options): Promise<void> {
  const servers = findServers();
  if (!servers)
    throw new StartError(
      'There is nothing to look into: no exchange runs in DATA_DIR, and DATABASE_URL and REDIS_URL are not both set.',
    );
  const startedAt = performance.now();
  const result = await withProgress((show) =>
    audit({ ...servers, shard, progress: (done, all, next) => show(done / all, next) }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(describeAudit(result, seconds));
  if (json !== undefined) writeJson(json, result, seconds);
  process.exitCode = passes(result) ? 0 : 1;
}

const says = `Takes one consistent look at Redis and PostgreSQL and checks that they agree with each other and with themselves.
Trading may go on meanwhile. Ends with 0 if every check passes, and with 1 otherwise.
Looks into DATABASE_URL and REDIS_URL, or into the exchange that npm start runs in DATA_DIR.`;

await main(
  command('npm run audit', says)
    .option('--shard <name>', 'whose record', 'main')
    .addOption(jsonFile())
    .action(run),
  { failure: 'The audit could not be done' },
);
