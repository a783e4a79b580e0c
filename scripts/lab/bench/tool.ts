// A tool of the benchmarks in a process of its own, so that what it costs slows neither us nor what is measured.

import { projectRoot } from '../../launcher/servers/environment.ts';
import { type Running, startProgram, stopProgram } from '../../launcher/servers/process.ts';

export type Tool = {
  readonly pid: number;
  /** Sends a message and resolves with the answer to it; throws what the tool threw. */
  readonly ask: (message: unknown) => Promise<unknown>;
  readonly stop: () => Promise<void>;
};

type Reply = { readonly result: unknown } | { readonly error: string };

/** `file` is below scripts/bench and calls `answerMessages`. */
export function startTool(file: string): Tool {
  const running = startProgram({
    bin: process.execPath,
    args: [`${projectRoot}/scripts/lab/bench/${file}`],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    parentDeathSignal: 'KILL',
    cwd: projectRoot,
  });
  return {
    pid: running.child.pid!,
    ask: (message) => ask(running, file, message),
    stop: () => stopProgram(running, { signal: 'SIGTERM', graceMs: 5_000 }),
  };
}

async function ask({ child, exited }: Running, file: string, message: unknown): Promise<unknown> {
  const answered = new Promise<Reply>((resolve) => child.once('message', (reply) => resolve(reply as Reply)));
  child.send(message as object);
  const ended = exited.then((how): Reply => ({ error: `it ended (${how})` }));
  const reply = await Promise.race([answered, ended]);
  if ('error' in reply) throw new Error(`${file}: ${reply.error}`);
  return reply.result;
}

/** For the tool itself: answers each message with what `handle` makes of it. */
export function answerMessages<M>(handle: (message: M) => Promise<unknown>): void {
  process.on('message', async (message) => {
    try {
      process.send!({ result: (await handle(message as M)) ?? null });
    } catch (error) {
      process.send!({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
}

/** Runs a tool for one message. */
export async function runTool<R>(file: string, message: unknown): Promise<R> {
  const tool = startTool(file);
  try {
    return (await tool.ask(message)) as R;
  } finally {
    await tool.stop();
  }
}
