import type { Shards } from '../../shard/shards.ts';
import { createChangedLevels } from '../changed-levels.ts';
import type { Channel } from '../channel.ts';
import type { Hub } from '../hub.ts';
import type { Snapshots } from '../snapshots.ts';
import { createUpdates, publishChanged } from './level2.ts';

const everyMs = 50;

/** As `level2`, with what changed in fifty milliseconds in one message. */
export function level2BatchChannel(hub: Hub, shards: Shards, snapshots: Snapshots): Channel {
  const changed = createChangedLevels('level2_batch');
  const updates = createUpdates(shards);
  let timer: NodeJS.Timeout | undefined;
  return {
    name: 'level2_batch',
    of: 'products',
    prepare: snapshots.prepare,
    greet: (product) => snapshots.framesOf(product!),
    onEvent: changed.onEvent,
    onRunEnd: () => {
      if (timer || changed.isEmpty()) return;
      timer = setTimeout(() => {
        timer = undefined;
        publishChanged(hub, changed, updates);
      }, everyMs);
    },
    onReset: (product, topics) => {
      const topic = topics.get('level2_batch');
      if (topic) for (const frame of snapshots.framesOf(product)) hub.publish(topic, frame);
    },
    start: () => () => clearTimeout(timer),
  };
}
