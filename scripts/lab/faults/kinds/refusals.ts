// A Redis that answers and refuses to write: every order must get 503, and nothing may be half done.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Faults, Play } from '../fault.ts';
import { until, withRedis } from '../look.ts';
import { messageIn } from '../record.ts';

type Setting = readonly [name: string, value: string];

function configure({ stage }: Play, setting: Setting): Promise<void> {
  return until(`the setting ${setting.join(' ')}`, () =>
    withRedis(stage, async (redis) => (await redis.config('SET', ...setting)) === 'OK'),
  );
}

function refuse(set: Setting, unset: Setting): (play: Play) => Promise<void> {
  return async (play) => {
    await configure(play, set);
    try {
      for (let probes = 0; probes < 5; probes++) {
        await sleep(100);
        await probe(play);
      }
    } finally {
      await configure(play, unset);
    }
  };
}

/** An order, and the ready probe. */
async function probe({ stage, load, contradict }: Play): Promise<void> {
  const { answer, requestId } = await load.probe();
  if (answer && (answer.status !== 503 || answer.retryAfter === null))
    contradict(
      `${requestId} was answered ${answer.status} ${messageIn(answer.body)} by a Redis that refuses`,
    );
  const ready = await fetch(`http://127.0.0.1:${stage.port}/health/ready`).catch(() => null);
  if (ready && ready.status !== 503)
    contradict(`the api says ${ready.status} to whoever asks if it is ready`);
}

export const refusalFaults: Faults = {
  'full-memory': {
    ...{ says: 'Redis is out of memory', weight: 2 },
    play: refuse(['maxmemory', '1mb'], ['maxmemory', '0']),
  },
  'no-replicas': {
    ...{ says: 'Redis writes only with a replica, and has none', weight: 2 },
    play: refuse(['min-replicas-to-write', '1'], ['min-replicas-to-write', '0']),
  },
};
