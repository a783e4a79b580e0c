import type { Config } from '../core/config.ts';
import type { Log } from '../core/log.ts';
import type { Tracing } from '../core/tracing.ts';
import type { Turns } from '../core/turns.ts';
import type { SharedReads } from '../sql/shared-reads.ts';
import type { Queries } from '../sql/with-timeout.ts';
import type { Door } from './auth/open.ts';
import type { KnownTraders } from './auth/traders.ts';
import type { Watch } from './feed/watch.ts';
import type { UnreadBudget } from './http/unread-budget.ts';
import type { Auctions } from './market-data/auctions.ts';
import type { FindClientOid } from './orders/client-oids.ts';
import type { CoveredFrom } from './orders/coverage.ts';
import type { FindOrder } from './orders/find-order.ts';
import type { KeptPages } from './orders/kept-pages.ts';
import type { FindAnnounced } from './products/announced.ts';
import type { Catalogue } from './products/catalogue.ts';
import type { Shards } from './shard/shards.ts';
import type { TracedRequests } from './shard/traced.ts';
import type { ApiMetrics } from './system/metrics.ts';
import type { FindTransfer } from './transfers/find-transfer.ts';

/** What the handlers of requests work with. */
export type Api = Door & {
  readonly config: Config;
  readonly log: Log;
  readonly pool: Queries;
  /** For what a trader, or the public, asks: whoever asks much waits for itself. */
  readonly readsOf: SharedReads;
  readonly catalogue: Catalogue;
  readonly shards: Shards;
  /** Cancels of all that a trader has open, one after the other. */
  readonly cancelTurns: Turns<number>;
  readonly coveredFrom: CoveredFrom;
  readonly findAnnounced: FindAnnounced;
  readonly findClientOid: FindClientOid;
  readonly findOrder: FindOrder;
  readonly keptOrders: KeptPages;
  readonly findTransfer: FindTransfer;
  readonly knownTraders: KnownTraders;
  readonly metrics: ApiMetrics;
  /** The metrics of all api processes on this port, and how far the shards have come, as texts. */
  readonly totals: () => Promise<string>;
  readonly sequences: () => Promise<string>;
  /** Null while tracing is off. */
  readonly tracing: Tracing | null;
  readonly watch: Watch;
  readonly auctions: Auctions;
  readonly tracedRequests: TracedRequests;
  /** What Redis and PostgreSQL say of themselves. */
  readonly servers: () => Promise<string>;
  /** What is under way between shards. */
  readonly pendingTransfers: () => Promise<string>;
  /** What clients have not read, over all connections. */
  readonly unread: UnreadBudget;
  /** Aborts when the process was told to end; it is to take no further requests. */
  readonly stopping: AbortSignal;
  /** Aborts when somebody waits for its end, as no other process has taken its place. */
  readonly hurried: AbortSignal;
};
