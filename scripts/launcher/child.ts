// One of our own processes (api, matcher, writer, notifier): started, its log kept, its warnings shown.

import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { projectRoot } from './servers/environment.ts';
import { StartError } from './servers/errors.ts';
import { type Log, lastLines, logFile, openLog } from './servers/log.ts';
import { keepLines, type LogLines } from './servers/log-lines.ts';
import { type Running, type Started, startProgram, stopProgram } from './servers/process.ts';
import { readableWarning } from './warning.ts';

export type ChildOptions = {
  name: 'api' | 'matcher' | 'writer' | 'notifier';
  /** What it is called where there are several; its log too. */
  id?: string;
  /** Of the code; this one's unless another is named. */
  root?: string;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** Time to finish what is in hand once told to stop. */
  graceMs: number;
  log: Log;
};

type Sink = { name: string; lines: LogLines; log: Log };

function eachLine(stream: Readable | null, take: (line: string) => void): void {
  if (stream) createInterface({ input: stream }).on('line', take);
}

/** Everything goes to the log file; warnings, and whatever a crash prints, to the console as well. */
function keepOutput({ child }: Running, { name, lines, log }: Sink): void {
  const keep = (line: string, isError: boolean): void => {
    lines.keep(line);
    const shown = readableWarning(line, isError);
    if (shown !== undefined) log(`${name}: ${shown}`);
  };
  eachLine(child.stdout, (line) => keep(line, false));
  eachLine(child.stderr, (line) => keep(line, true));
  child.once('close', lines.close);
}

function saysReady({ child, exited }: Running, complain: (how: string) => Error): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('message', (message) => message === 'ready' && resolve());
    void exited.then((how) => reject(complain(how)));
  });
}

export async function launchChild(options: ChildOptions): Promise<Started> {
  const { name, id = name, root = projectRoot, dataDir, env, graceMs, log } = options;
  const lines = keepLines(openLog(dataDir, id));
  const running = startProgram({
    bin: process.execPath,
    args: [`${root}/${name}/main.ts`],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Without us the servers stop too, and a process that waits for them would wait for ever.
    parentDeathSignal: 'KILL',
    cwd: root,
    env,
  });
  keepOutput(running, { name: id, lines, log });
  const complain = (how: string): Error =>
    new StartError(
      `The ${id} did not start (${how}); the end of ${logFile(dataDir, id)}:\n${lastLines(dataDir, id)}`,
    );
  return {
    ...running,
    ready: saysReady(running, complain),
    stop: () => stopProgram(running, { signal: 'SIGTERM', graceMs }),
  };
}
