// Processes of a cluster end at any moment, and HAProxy.

import { setTimeout as sleep } from 'node:timers/promises';
import { oneOf } from '../../../model/random.ts';
import type { Fault, Faults, Play } from '../../fault.ts';
import type { ClusterStage } from '../stage.ts';

function end(ids: readonly string[], signal: 'SIGKILL' | 'SIGTERM'): Pick<Fault<ClusterStage>, 'play'> {
  return {
    play: async ({ stage, random }: Play<ClusterStage>) => {
      const part = stage.part(oneOf(random, ids));
      await part.end(signal);
      await sleep(random(0, 500));
      await part.revive();
    },
  };
}

const both = (name: string): string[] => [`${name}-1`, `${name}-2`];

export const processFaults: Faults<ClusterStage> = {
  'kill-api': { says: 'kill -9 of an api', weight: 3, ...end(both('api'), 'SIGKILL') },
  'kill-matcher': { says: 'kill -9 of a matcher', weight: 3, ...end(both('matcher'), 'SIGKILL') },
  'kill-writer': { says: 'kill -9 of a writer', weight: 3, ...end(both('writer'), 'SIGKILL') },
  'kill-haproxy': { says: 'kill -9 of HAProxy', weight: 2, ...end(['haproxy'], 'SIGKILL') },
  'restart-haproxy': { says: 'HAProxy is restarted', weight: 2, ...end(['haproxy'], 'SIGTERM') },
};
