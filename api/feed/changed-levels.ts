import type { Side } from '../../core/order.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import type { Channel } from './channel.ts';
import type { Topic } from './hub.ts';

type Levels = Map<Side, Set<number>>;

/** The prices at which something has changed since they were last taken, of products that somebody watches. */
export type ChangedLevels = {
  readonly isEmpty: () => boolean;
  readonly onEvent: NonNullable<Channel['onEvent']>;
  readonly take: (
    use: (product: ListedProduct, topic: Topic, levels: ReadonlyMap<Side, ReadonlySet<number>>) => void,
  ) => void;
};

export function createChangedLevels(channel: string): ChangedLevels {
  let products = new Map<ListedProduct, { readonly topic: Topic; readonly levels: Levels }>();
  const levelsOf = (product: ListedProduct, topic: Topic): Levels => {
    let known = products.get(product);
    if (!known) {
      known = {
        topic,
        levels: new Map([
          ['buy', new Set()],
          ['sell', new Set()],
        ]),
      };
      products.set(product, known);
    }
    return known.levels;
  };
  return {
    isEmpty: () => products.size === 0,
    onEvent: ({ event, order, restedAt }, { product, topics }) => {
      const topic = topics?.get(channel);
      if (!topic) return;
      if (restedAt !== null) levelsOf(product, topic).get(order.side)!.add(restedAt);
      if (event.kind === 'open') levelsOf(product, topic).get(order.side)!.add(order.price!);
    },
    take: (use) => {
      if (products.size === 0) return;
      const taken = products;
      products = new Map();
      for (const [product, { topic, levels }] of taken) use(product, topic, levels);
    },
  };
}
