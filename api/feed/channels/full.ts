import type { Channel } from '../channel.ts';
import type { Hub } from '../hub.ts';

/** Every event of a product. */
export function fullChannel(hub: Hub): Channel {
  return {
    name: 'full',
    of: 'products',
    onEvent: (event, { topics, publicFrame }) => {
      const topic = topics?.get('full');
      if (topic) hub.publish(topic, publicFrame(), event);
    },
  };
}
