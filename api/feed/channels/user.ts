import type { Product } from '../../../core/product.ts';
import type { Channel } from '../channel.ts';
import type { FeedEvent } from '../events.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';
import { presentWaiting } from '../own-presentation.ts';
import { presentOwnEvent } from '../presentation.ts';

/** Stands for all products, those to come included. */
export const allProducts = '*';

/** The events to which a trader is a party, with what only that trader may know. */
export function userChannel(hub: Hub): Channel {
  const publish = (
    once: object,
    { productId }: Product,
    traderId: number,
    present: () => Record<string, unknown>,
  ): void => {
    const topics = hub.topics(traderId);
    if (!topics) return;
    const one = topics.get(`user ${productId}`);
    const all = topics.get(`user ${allProducts}`);
    if (!one && !all) return;
    const frame = textFrame(JSON.stringify(present()));
    if (one) hub.publish(one, frame, once);
    if (all) hub.publish(all, frame, once);
  };
  const tell = (event: FeedEvent, product: Product, traderId: number): void =>
    publish(event, product, traderId, () => presentOwnEvent(event, traderId, product));
  return {
    name: 'user',
    of: 'own products',
    onEvent: (event, { product }) => {
      const { order, taker } = event;
      tell(event, product, order.traderId);
      if (taker && taker.traderId !== order.traderId) tell(event, product, taker.traderId);
    },
    onOwnEvent: (event, product) =>
      publish(event, product, event.order.traderId, () => presentWaiting(event, product)),
  };
}
