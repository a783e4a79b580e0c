import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { sleep } from '../../core/lifecycle.ts';

export type ProcessName = 'api' | 'matcher' | 'writer';

/** A process of the exchange as it really runs, and the lines that it logged. */
export type Started = {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly exited: Promise<void>;
};

const root = new URL('../../', import.meta.url).pathname;
/** Beyond this a process that should stop does not. */
const patienceMs = 15_000;

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

/** The port in the line that the api logs when it listens; the line may come after the message that it is ready. */
export async function portOf({ lines }: Started): Promise<number> {
  for (let waits = 0; waits < 100; waits++) {
    const line = lines.find((text) => text.includes('"msg":"listening"'));
    if (line) return JSON.parse(line).port;
    await sleep(20);
  }
  throw new Error(`no line says where the api listens:\n${lines.join('\n')}`);
}
