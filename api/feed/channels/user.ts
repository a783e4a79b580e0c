import type { Channel, EventContext } from '../channel.ts';
import type { FeedEvent } from '../events.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';
import { presentOwnEvent } from '../presentation.ts';

/** Stands for all products, those to come included. */
export const allProducts = '*';

/** The events to which a trader is a party, with what only that trader may know. */
export function userChannel(hub: Hub): Channel {
  const tell = (event: FeedEvent, { product }: EventContext, traderId: number): void => {
    const topics = hub.topics(traderId);
    if (!topics) return;
    const one = topics.get(`user ${product.productId}`);
    const all = topics.get(`user ${allProducts}`);
    if (!one && !all) return;
    const frame = textFrame(JSON.stringify(presentOwnEvent(event, traderId, product)));
    if (one) hub.publish(one, frame, event);
    if (all) hub.publish(all, frame, event);
  };
  return {
    name: 'user',
    of: 'own products',
    onEvent: (event, context) => {
      const { order, taker } = event;
      tell(event, context, order.traderId);
      if (taker && taker.traderId !== order.traderId) tell(event, context, taker.traderId);
    },
  };
}
