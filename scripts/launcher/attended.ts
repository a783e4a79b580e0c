// What a person starts in a terminal, and stops there.

import { StartError } from './servers/errors.ts';
import { listenForStop } from './signals.ts';

export type Attended = {
  /** Fills in what there is to be stopped, as it comes. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Kills what `stop` waits for. */
  readonly kill: () => void;
  /** Aborted once `stop` has begun. */
  readonly stopping: AbortSignal;
  /** Said of what stops, in its order. */
  readonly stops: string;
  readonly underNpm: boolean;
};

/** The sentence of what a person can mend, else all that is known of it. */
export function describe(error: unknown): string {
  if (error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Starts, and goes on until it is told to stop. What cannot start is told, and what there is of it stopped. */
export async function runAttended({ start, stop, kill, stopping, stops, underNpm }: Attended): Promise<void> {
  listenForStop({
    watchNpm: underNpm,
    stop: async () => {
      console.log(`Stopping: ${stops}.`);
      await stop();
      console.log('Stopped.');
      process.exit(0);
    },
    hurry: () => {
      console.log('Stopping at once.');
      kill();
    },
  });
  try {
    await start();
  } catch (error) {
    if (stopping.aborted) return;
    console.error(describe(error));
    await stop();
    process.exit(1);
  }
}
