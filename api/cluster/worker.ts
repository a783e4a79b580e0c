import type { Registry } from 'prom-client';
import { sleep, within } from '../../core/lifecycle.ts';
import { Unavailable } from '../errors.ts';
import type { ToPrimary, ToWorker } from './messages.ts';

const patienceMs = 2_000;

/** A worker's side of the conversation with its primary. */
export type Membership = {
  /** Aborts when the primary says stop or retire. */
  readonly stopping: AbortSignal;
  /** Aborts when it says stop. */
  readonly hurried: AbortSignal;
  /** The metrics of all workers together. */
  readonly totals: () => Promise<string>;
  /** Leaves what was counted to the primary. To be called last. */
  readonly leave: () => Promise<void>;
};

export function joinPrimary(registry: Registry): Membership {
  const [retire, stop] = [new AbortController(), new AbortController()];
  let totals: PromiseWithResolvers<string> | null = null;
  const left = new AbortController();
  const tell = async (kind: 'snapshot' | 'leave'): Promise<void> =>
    send({ kind, snapshot: await registry.getMetricsAsJSON() });
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') stop.abort();
    else if (message.kind === 'retire') retire.abort();
    else if (message.kind === 'tell') void tell('snapshot');
    else if (message.kind === 'left') left.abort();
    else {
      totals?.resolve(message.text);
      totals = null;
    }
  });
  void tell('snapshot');
  return {
    stopping: AbortSignal.any([retire.signal, stop.signal]),
    hurried: stop.signal,
    totals: () => {
      if (!totals) {
        totals = Promise.withResolvers();
        send({ kind: 'scrape' });
      }
      return within(patienceMs, totals.promise, () => {
        throw new Unavailable('The workers cannot be added up now');
      });
    },
    // The answer comes behind every connection that the primary had handed to this worker. Those that came after the
    // server was closed went back to the primary, and would be lost had the process ended before.
    leave: async () => {
      await tell('leave');
      await sleep(patienceMs, left.signal);
    },
  };
}

function send(message: ToPrimary): void {
  process.send?.(message);
}
