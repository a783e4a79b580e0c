// Every kind of fault.

import type { Faults } from './fault.ts';
import { diskFaults } from './kinds/disks.ts';
import { killFaults } from './kinds/kills.ts';
import { networkFaults } from './kinds/network.ts';
import { pointFaults } from './kinds/points.ts';
import { refusalFaults } from './kinds/refusals.ts';
import { stopFaults } from './kinds/stops.ts';
import { webhookFaults } from './kinds/webhooks.ts';

export const faults: Faults = {
  ...killFaults,
  ...pointFaults,
  ...networkFaults,
  ...stopFaults,
  ...refusalFaults,
  ...diskFaults,
  ...webhookFaults,
};
