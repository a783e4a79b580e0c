import type { Channel, EventContext } from '../channel.ts';
import type { FeedEvent } from '../events.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';
import { presentActivation, presentOwnEvent } from '../presentation.ts';

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
    const activation = presentActivation(event, product);
    const own = presentOwnEvent(event, traderId, product);
    // Each of the two is told once to who is subscribed to both topics.
    const messages = activation
      ? ([
          [activation, event.event],
          [own, event],
        ] as const)
      : ([[own, event]] as const);
    for (const [message, once] of messages) {
      const frame = textFrame(JSON.stringify(message));
      if (one) hub.publish(one, frame, once);
      if (all) hub.publish(all, frame, once);
    }
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
