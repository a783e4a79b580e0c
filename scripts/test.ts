// Runs the tests against a private Redis and PostgreSQL that live only for this run.
//
// Why: tests use real servers, and a fresh clone has none. The servers' addresses go to the tests as REDIS_URL and
// DATABASE_URL; the last line tells the result in a form that machines read: "N passed, N failed".
//
// Usage: npm test                               everything
//        npm test -- test/core/*.test.ts        some files
//        npm test -- --match='*post only*'      some titles; all of AVA's options work

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Environment, projectRoot, readEnvironment } from './launcher/servers/environment.ts';
import { StartError } from './launcher/servers/errors.ts';
import { startProgram } from './launcher/servers/process.ts';
import { claimDataDir, eraseData, type Servers, startServers } from './launcher/servers/servers.ts';
import { makeTemporaryFolder } from './launcher/servers/temporary-folder.ts';
import { closingLine, countResults, type Results } from './launcher/test/results.ts';

const help = `Usage: npm test [-- files and AVA options]

Runs the tests with a private Redis and PostgreSQL, or with REDIS_URL and DATABASE_URL where they are set.`;

/** A process group of its own: whatever the tests leave running is ended with it. */
function startAva({ inherited }: Environment, { redisUrl, databaseUrl }: Servers): ChildProcess {
  const { child } = startProgram({
    bin: process.execPath,
    args: [`${projectRoot}/node_modules/.bin/ava`, ...process.argv.slice(2)],
    stdio: ['ignore', 'pipe', 'inherit'],
    parentDeathSignal: 'KILL',
    cwd: projectRoot,
    env: { ...inherited, REDIS_URL: redisUrl, DATABASE_URL: databaseUrl },
  });
  return child;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

async function runAva(environment: Environment, servers: Servers, stopped: AbortSignal): Promise<Results> {
  const ava = startAva(environment, servers);
  // AVA answers SIGINT with what it knows so far.
  stopped.addEventListener('abort', () => ava.kill('SIGINT'));
  if (stopped.aborted) ava.kill('SIGINT');
  const exited = once(ava, 'exit');
  const results = countResults();
  // Something that tests left running may hold the pipe open for ever: it ends with AVA.
  exited.then(() => signalGroup(ava, 'SIGKILL'));
  for await (const line of createInterface({ input: ava.stdout! })) {
    console.log(line);
    results.read(line);
  }
  const [code] = await exited;
  return results.close(code === 0 && !stopped.aborted);
}

async function run(environment: Environment): Promise<Results> {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  const dataDir = makeTemporaryFolder('test');
  try {
    const claim = claimDataDir(dataDir);
    const servers = await startServers({ claim, environment, log: () => {} });
    try {
      return await runAva(environment, servers, stopping.signal);
    } finally {
      await servers.stop();
    }
  } finally {
    eraseData(dataDir);
  }
}

if (process.argv.includes('--help')) console.log(help);
else {
  try {
    const results = await run(readEnvironment());
    console.log(closingLine(results));
    process.exitCode = results.failed > 0 ? 1 : 0;
  } catch (error) {
    console.error(error instanceof StartError ? error.message : error);
    process.exitCode = 1;
  }
}
