// Runs the tests against a private Redis and PostgreSQL that live only for this run.
//
// Why: tests use real servers, and a fresh clone has none. The servers' addresses go to the tests as REDIS_URL and
// DATABASE_URL; the last line tells the result in a form that machines read: "N passed, N failed".
//
// With TESTS_AGAIN=1, as in continuous integration, up to three files with failures run once more, alone. What passes then
// is counted as unsteady and named: a fault to be found, of the test or of the program, that need not hold up others' work.
//
// Usage: npm test                               everything
//        npm test -- test/core/*.test.ts        some files
//        npm test -- --match='*post only*'      some titles; all of AVA's options work

import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { command, main } from './console/command.ts';
import { onStopWish } from './console/signals.ts';
import { type Environment, projectRoot, readEnvironment } from './launcher/servers/environment.ts';
import { startProgram } from './launcher/servers/process.ts';
import type { Servers } from './launcher/servers/servers.ts';
import { withTemporaryServers } from './launcher/servers/temporary-servers.ts';
import {
  afterAnother,
  closingLine,
  countResults,
  isWorthAnother,
  type Results,
} from './launcher/test/results.ts';

/** Tests start hundreds of processes; code that was compiled before loads in half the time. Coverage would be less exact by it. */
function compiled({ NODE_V8_COVERAGE: coverage }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return coverage ? {} : { NODE_COMPILE_CACHE: `${projectRoot}/node_modules/.cache/cardstock/compiled` };
}

/** `seed`: what random input begins with, the same if files run once more. */
type Run = { readonly environment: Environment; readonly words: readonly string[]; readonly seed: string };

/** A process group of its own: whatever the tests leave running is ended with it. */
function startAva(
  { environment: { inherited }, words, seed }: Run,
  { redisUrl, databaseUrl }: Servers,
): ChildProcess {
  const { child } = startProgram({
    bin: process.execPath,
    args: [`${projectRoot}/node_modules/.bin/ava`, ...words],
    stdio: ['ignore', 'pipe', 'inherit'],
    parentDeathSignal: 'KILL',
    cwd: projectRoot,
    env: { ...compiled(inherited), ...inherited, SEED: seed, REDIS_URL: redisUrl, DATABASE_URL: databaseUrl },
  });
  return child;
}

/** AVA's own patience is two minutes. Who gives it another one with `--timeout` knows how long the run may be silent. */
const quietMs = 180_000;
const isPatience = (word: string): boolean => /^(--timeout|-T)/.test(word);

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nobody is left in it.
  }
}

async function runAva(run: Run, servers: Servers, stopped: AbortSignal): Promise<Results> {
  const ava = startAva(run, servers);
  // AVA answers SIGINT with what it knows so far.
  stopped.addEventListener('abort', () => ava.kill('SIGINT'));
  if (stopped.aborted) ava.kill('SIGINT');
  const exited = once(ava, 'exit');
  const results = countResults((path) => existsSync(`${projectRoot}/${path}`));
  // Something that tests left running may hold the pipe open for ever: it ends with AVA.
  exited.then(() => signalGroup(ava, 'SIGKILL'));
  // AVA gives up tests that hang, and waits for ever for a process that does not end behind them.
  const hangs = run.words.some(isPatience) ? undefined : setTimeout(() => ava.kill('SIGINT'), quietMs);
  for await (const line of createInterface({ input: ava.stdout! })) {
    console.log(line);
    results.read(line);
    hangs?.refresh();
  }
  clearTimeout(hangs);
  const [code] = await exited;
  return results.close(code === 0 && !stopped.aborted);
}

async function run(words: readonly string[]): Promise<void> {
  const environment = readEnvironment();
  const stopping = new AbortController();
  const seed = environment.inherited.SEED ?? String(randomInt(2 ** 31));
  // AVA and its servers end in order, however often it is asked for.
  onStopWish(() => stopping.abort());
  const runOf = (wordsOfRun: readonly string[]): Promise<Results> =>
    withTemporaryServers({ name: 'test', environment }, (servers) =>
      runAva({ environment, words: wordsOfRun, seed }, servers, stopping.signal),
    );
  let results = await runOf(words);
  if (environment.testsAgain && isWorthAnother(results) && !stopping.signal.aborted) {
    const files = results.failedFiles;
    console.log(`\n${closingLine(results)}. Once more, alone: ${files.join(' ')}\n`);
    results = afterAnother(results, await runOf(files));
    if (results.unsteady > 0) console.log(`Unsteady: ${files.join(' ')}`);
  }
  if (results.failed + results.unsteady > 0) console.log(`Random input was that of SEED=${seed}.`);
  console.log(closingLine(results));
  process.exitCode = results.failed > 0 ? 1 : 0;
}

const says =
  'Runs the tests with a private Redis and PostgreSQL, or with REDIS_URL and DATABASE_URL where they are set.';

await main(
  command('npm test', says)
    .usage('[-- files and AVA options]')
    .argument('[words...]', 'what AVA takes')
    .allowUnknownOption()
    .action(run),
);
