import type { Side } from '../../../core/order.ts';
import { formatAmount } from '../../../core/units.ts';
import { iso } from '../../http/iso.ts';
import type { ListedProduct } from '../../products/catalogue.ts';
import type { Shards } from '../../shard/shards.ts';
import { type ChangedLevels, createChangedLevels } from '../changed-levels.ts';
import type { Channel } from '../channel.ts';
import { checksumOf } from '../checksum.ts';
import { textFrame } from '../frame.ts';
import type { Hub, Topic } from '../hub.ts';
import type { Snapshots } from '../snapshots.ts';

/** A client can prove its book as often as this; more often costs more than it tells. */
const checksumEveryMs = 1_000;

/**
 * The book by price: at first all of it, then the new totals of what a matching run changed. `sequence` is the last event
 * that a message includes.
 */
export function level2Channel(hub: Hub, shards: Shards, snapshots: Snapshots): Channel {
  const changed = createChangedLevels('level2');
  const updates = createUpdates(shards);
  return {
    name: 'level2',
    of: 'products',
    prepare: snapshots.prepare,
    greet: (product) => snapshots.framesOf(product!),
    onEvent: changed.onEvent,
    onRunEnd: () => publishChanged(hub, changed, updates),
    onReset: (product, topics) => {
      const topic = topics.get('level2');
      if (topic) for (const frame of snapshots.framesOf(product)) hub.publish(topic, frame);
    },
  };
}

/** Publishes the new totals of all levels that have changed since the last time. */
export function publishChanged(hub: Hub, changed: ChangedLevels, updates: Updates): void {
  changed.take((product, topic, levels) => hub.publish(topic, updates(product, topic, levels)));
}

export type Updates = (
  product: ListedProduct,
  topic: Topic,
  levels: ReadonlyMap<Side, ReadonlySet<number>>,
) => Buffer;

/** Encodes changes of levels, with a checksum now and then. */
export function createUpdates(shards: Shards): Updates {
  const checkedAt = new Map<string, number>();
  return (product, _topic, levels) => {
    const { productId, tick, lot } = product;
    const { marketData } = shards.ofProduct(product);
    const changes: [Side, string, string][] = [];
    for (const [side, prices] of levels)
      for (const price of prices) {
        const size = marketData.sizeAt(productId, side, price);
        changes.push([side, formatAmount(price, tick), formatAmount(size, lot)]);
      }
    const now = Date.now();
    const isDue = now - (checkedAt.get(productId) ?? 0) >= checksumEveryMs;
    if (isDue) checkedAt.set(productId, now);
    const top = marketData.book(productId, isDue ? 10 : 0);
    return textFrame(
      JSON.stringify({
        ...{
          type: 'l2update',
          product_id: productId,
          time: iso(top.time),
          sequence: top.feedSequence,
          changes,
        },
        checksum: isDue ? checksumOf(top, product) : undefined,
      }),
    );
  };
}
