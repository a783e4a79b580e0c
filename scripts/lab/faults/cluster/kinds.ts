// Every kind of fault of a cluster.

import type { Faults } from '../fault.ts';
import { postgresFaults } from './kinds/postgres.ts';
import { processFaults } from './kinds/processes.ts';
import { redisFaults } from './kinds/redis.ts';
import { transferFaults } from './kinds/transfers.ts';
import type { ClusterStage } from './stage.ts';

export const clusterFaults: Faults<ClusterStage> = {
  ...processFaults,
  ...redisFaults,
  ...postgresFaults,
  ...transferFaults,
};
