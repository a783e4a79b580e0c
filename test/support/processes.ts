import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sleep } from '../../core/lifecycle.ts';

export type ProcessName = 'api' | 'matcher' | 'writer' | 'notifier';

/** A process of the exchange as it really runs, and the lines that it logged. */
export type Started = {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly exited: Promise<void>;
};

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Beyond this a process that should stop does not. */
const patienceMs = 30_000;

/** Starts a process and waits until it says that it is ready. Throws with its log if it ends before. */
export async function startProcess(name: ProcessName, env: NodeJS.ProcessEnv): Promise<Started> {
  const child = spawn(process.execPath, [`${root}${name}/main.ts`], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout!, child.stderr!])
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  const exited = once(child, 'exit').then(() => {});
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message) => message === 'ready' && resolve());
  });
  const diedEarly = exited.then(() => {
    throw new Error(`the ${name} ended before it was ready:\n${lines.join('\n')}`);
  });
  diedEarly.catch(() => {});
  await Promise.race([ready, diedEarly]);
  return { child, lines, exited };
}

/** Asks a process to stop, and kills it if it does not. */
export async function stopProcess({ child, exited }: Started): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  await exited;
  clearTimeout(timer);
}

/** Ends a process as a power cut would. */
export async function killProcess({ child, exited }: Started): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await exited;
}

/** The lines that say this, as far as they are there. */
export function linesThat(
  says: string,
  { lines }: Started,
): { readonly pid: number; readonly port: number }[] {
  return lines.filter((text) => text.includes(`"msg":"${says}"`)).map((text) => JSON.parse(text));
}

/** The first line with all of these texts. It may come after the message that the process is ready. */
export async function lineWith({ lines }: Started, ...texts: string[]): Promise<string> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const line = lines.find((line) => texts.every((text) => line.includes(text)));
    if (line) return line;
    await sleep(20);
  }
  throw new Error(`no line has ${texts.join(' and ')}:\n${lines.join('\n')}`);
}

/** Where a process listens: the api for requests, or `serving metrics`. */
export async function portOf(started: Started, says = 'listening'): Promise<number> {
  return JSON.parse(await lineWith(started, `"msg":"${says}"`)).port;
}
