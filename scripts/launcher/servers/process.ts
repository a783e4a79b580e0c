// Programs that we start and answer for.

import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

export type User = { name: string; uid: number; gid: number };

export type Program = {
  bin: string;
  args: string[];
  stdio: StdioOptions;
  /** Sent by the kernel when we are killed without a chance to say goodbye. */
  parentDeathSignal: 'INT' | 'TERM' | 'KILL';
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  user?: User | undefined;
};

export type Running = {
  child: ChildProcess;
  /** Settles when the program ended, with how: "exit code 1", "signal SIGKILL". */
  exited: Promise<string>;
};

/** A running program with its promise to be of use, and the way to end it. */
export type Started = Running & {
  /** Rejects when the program ended before it was of use. */
  ready: Promise<void>;
  stop(): Promise<void>;
};

let parentDeathTool: boolean | undefined;

/** setpriv of util-linux; busybox has one without this option. */
function canDieWithParent(): boolean {
  parentDeathTool ??= spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true'], { stdio: 'ignore' }).status === 0;
  return parentDeathTool;
}

async function howItEnded(child: ChildProcess): Promise<string> {
  try {
    const [code, signal] = await once(child, 'exit');
    return signal ? `signal ${signal}` : `exit code ${code}`;
  } catch (error) {
    return (error as Error).message;
  }
}

export function startProgram({ bin, args, parentDeathSignal, user, ...options }: Program): Running {
  const [command, words] = canDieWithParent()
    ? ['setpriv', ['--pdeathsig', parentDeathSignal, bin, ...args]]
    : [bin, args];
  const identity = user ? { uid: user.uid, gid: user.gid } : {};
  // A session of its own: Ctrl-C in a terminal reaches only us, and we stop things in order.
  const child = spawn(command, words, { ...options, ...identity, detached: true });
  return { child, exited: howItEnded(child) };
}

export function hasEnded({ child }: Pick<Running, 'child'>): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** `repeatMs`: how often the signal is given again, to a program that may refuse it for a while. */
export type Ending = {
  signal: NodeJS.Signals;
  graceMs: number;
  lastSignal?: NodeJS.Signals;
  repeatMs?: number;
};

export async function stopProgram(running: Running, ending: Ending): Promise<void> {
  const { child, exited } = running;
  if (hasEnded(running) || child.pid === undefined) return;
  child.kill(ending.signal);
  const repeats = ending.repeatMs ? setInterval(() => child.kill(ending.signal), ending.repeatMs) : undefined;
  const patience = new AbortController();
  const tooLong = sleep(ending.graceMs, true, { signal: patience.signal }).catch(() => false);
  if (await Promise.race([exited.then(() => false), tooLong])) child.kill(ending.lastSignal ?? 'SIGKILL');
  await exited;
  clearInterval(repeats);
  patience.abort();
}
