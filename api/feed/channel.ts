import type { Report } from '../../core/wire/reports.ts';
import type { ListedProduct } from '../products/catalogue.ts';
import type { FeedEvent, OwnEvent } from './events.ts';
import type { Topics } from './hub.ts';

/** A channel of the feed. Each has a file of its own in `channels/`. */
export type Channel = {
  readonly name: string;
  /** What is subscribed to: products that have to be named, a trader's own, or the one thing that there is. */
  readonly of: 'products' | 'own products' | 'own' | 'everything';
  /** Makes what is sent first ahead, where that takes long. */
  readonly prepare?: (product: ListedProduct) => Promise<void>;
  /** What one who subscribes is sent first, as JSON, for each product; for channels without products once. */
  readonly greet?: (product: ListedProduct | null) => readonly Buffer[];
  /** An event of a product, and who subscribes to what of it. Called in the order of their numbers. */
  readonly onEvent?: (event: FeedEvent, context: EventContext) => void;
  /** Something that has no number and is one trader's alone. */
  readonly onOwnEvent?: (event: OwnEvent, product: ListedProduct) => void;
  /** The events of one matching run have all been told. */
  readonly onRunEnd?: (reports: readonly Report[]) => void;
  /** A product's market data were built anew, so that events may be missing. */
  readonly onReset?: (product: ListedProduct, topics: Topics) => void;
  /** Begins what it does by the clock; returns what ends it. */
  readonly start?: () => () => void;
};

export type EventContext = {
  readonly product: ListedProduct;
  /** Undefined if nobody subscribes to anything of the product. */
  readonly topics: Topics | undefined;
  /** The event as everybody may see it, encoded once. */
  readonly publicFrame: () => Buffer;
};
