import type { EventEmitter } from 'node:events';
import { sleep } from '../../core/lifecycle.ts';
import { Unavailable } from '../errors.ts';

/** A stream that is told to end has so long to be read to its end. */
const endingMs = 5_000;
const closingStepMs = 20;

type StreamCall = Pick<EventEmitter, 'on'> & { readonly getPeer: () => string };

export type OpenCall = {
  /** Ends the stream once it can. */
  readonly stop: (error: Error) => void;
  /** Ends the stream of one that does not read, and its connection if it goes on not reading. */
  readonly endStuck: (error: Error) => void;
  /** Called once, when the call is over for whatever reason. */
  readonly onEnd: (done: () => void) => void;
  /** The call has answered all that it was asked. */
  readonly leave: () => void;
};

/** The streams that are open: they end with the process. */
export type OpenCalls = {
  /** `stop` is called when the process is to end: it ends the stream once it can. */
  readonly enter: (call: StreamCall, stop: (error: Error) => void) => OpenCall;
  readonly isClosing: () => boolean;
  /** Resolves when all of them have ended, or after `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>;
};

export function createOpenCalls(endConnection: (peer: string) => void): OpenCalls {
  const stops = new Set<(error: Error) => void>();
  let isClosing = false;
  return {
    isClosing: () => isClosing,
    enter: (call, stop) => {
      const ends: (() => void)[] = [];
      let isOver = false;
      const leave = (): void => {
        if (isOver) return;
        isOver = true;
        stops.delete(end);
        for (const done of ends) done();
      };
      const end = (error: Error): void => stop(error);
      stops.add(end);
      call.on('cancelled', leave);
      let isFinished = false;
      call.on('finish', () => {
        isFinished = true;
        leave();
      });
      call.on('error', leave);
      return {
        leave,
        stop,
        onEnd: (done) => {
          if (isOver) done();
          else ends.push(done);
        },
        endStuck: (error) => {
          if (isOver) return;
          const peer = call.getPeer();
          stop(error);
          setTimeout(() => isFinished || endConnection(peer), endingMs).unref();
        },
      };
    },
    close: async (graceMs) => {
      isClosing = true;
      for (const stop of [...stops])
        stop(new Unavailable('The process is stopping: connect again; what was not answered was not taken'));
      const deadline = Date.now() + graceMs;
      while (stops.size > 0 && Date.now() < deadline) await sleep(closingStepMs);
    },
  };
}
