// Faults in the middle of transfers between shards: some are answered, and others are at any step.

import type { Fault, Faults } from '../../fault.ts';
import { until } from '../../look.ts';
import type { ClusterStage } from '../stage.ts';
import { processFaults } from './processes.ts';
import { redisFaults } from './redis.ts';

type ClusterFault = Fault<ClusterStage>;

const count = 20;

function inTransfers({ says, play: fault }: ClusterFault): ClusterFault {
  return {
    ...{ says: `${says} in the middle of transfers between shards`, weight: 3 },
    play: async (play) => {
      let over = 0;
      for (const transfer of await play.load.transfer(count))
        void transfer.then(() => {
          over++;
        });
      const enough = play.random(0, count / 2);
      await until(`the end of ${enough} transfers`, async () => over >= enough);
      await fault(play);
      await until('the end of the transfers', async () => over === count);
    },
  };
}

export const transferFaults: Faults<ClusterStage> = {
  'transfer-api': inTransfers(processFaults['kill-api']!),
  'transfer-redis': inTransfers(redisFaults['kill-redis']!),
};
