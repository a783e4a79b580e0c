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

import { createProgressBar } from './launcher/progress-bar.ts';
import { audit } from './ops/audit/audit.ts';
import { auditHelp, readCommand } from './ops/audit/options.ts';
import { describeAudit, passes, writeJson } from './ops/audit/report.ts';

async function main(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  if (command === 'help') {
    console.log(auditHelp);
    return;
  }
  const startedAt = performance.now();
  const bar = createProgressBar(1);
  const progress = (done: number, all: number, next: string): void => bar.show(done / all, next);
  const result = await audit({ ...command, progress }).finally(() => bar.end());
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(describeAudit(result, seconds));
  if (command.json !== null) writeJson(command.json, result, seconds);
  process.exitCode = passes(result) ? 0 : 1;
}

await main().catch((error) => {
  console.error(`The audit could not be done: ${error.message}.`);
  process.exitCode = 1;
});
