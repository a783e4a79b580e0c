// A program that is killed and started again by those who want to; one that ends unasked is started again, as supervisors do.

import type { Log } from '../../launcher/servers/log.ts';
import { hasEnded, type Started } from '../../launcher/servers/process.ts';

type Launch = (log: Log) => Promise<Started>;

export type Kept = {
  readonly id: string;
  readonly pid: () => number;
  readonly send: (message: object) => void;
  /** Sends a signal and waits for the end. */
  readonly end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void>;
  /** Starts it if it has ended, as usual or in another way. It is ready when this resolves. */
  readonly revive: (otherwise?: Launch) => Promise<void>;
  /** Each time that it ended without being told to: how, and the last that it said. */
  readonly ownEnds: () => readonly string[];
  readonly close: () => Promise<void>;
};

const restartMs = 100;
/** Of what a process said: an exception that nobody caught comes with its stack. */
const linesKept = 20;

/** Resolves when it is ready for the first time. */
export async function keep(id: string, usual: Launch): Promise<Kept> {
  let current: Started;
  let isOurs = false;
  const ownEnds: string[] = [];
  let isClosed = false;
  const launch = async (by: Launch): Promise<void> => {
    const said: string[] = [];
    const started = await by((line) => {
      said.push(line);
      if (said.length > linesKept) said.shift();
    });
    current = started;
    isOurs = false;
    started.ready.catch(() => {});
    void started.exited.then((how) => {
      if (isOurs || isClosed) return;
      ownEnds.push(`${id} ended by itself (${how}), having said: ${said.join(' | ')}`);
      setTimeout(() => {
        if (!isClosed && current === started)
          launch(usual).catch((error) => ownEnds.push(`${id} did not start: ${error}`));
      }, restartMs);
    });
  };
  await launch(usual);
  await current!.ready;
  return {
    id,
    pid: () => current.child.pid!,
    send: (message) => current.child.connected && current.child.send(message, () => {}),
    end: async (signal) => {
      isOurs = true;
      current.child.kill(signal);
      await current.exited;
    },
    revive: async (otherwise = usual) => {
      if (hasEnded(current)) await launch(otherwise);
      await current.ready.catch(() => {});
    },
    ownEnds: () => ownEnds,
    close: async () => {
      isClosed = true;
      current.child.kill('SIGCONT');
      await current.stop();
    },
  };
}
