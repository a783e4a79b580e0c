import type { ProductStatus } from '../../core/product.ts';
import { addExact, type Sum } from '../../core/units.ts';
import type { Report } from '../../core/wire/reports.ts';
import type { Catalogue, ListedProduct } from '../products/catalogue.ts';
import type { Indicative } from './market-data.ts';
import type { Auction, AuctionEnd } from './presentation.ts';
import type { TimeBudget } from './time-budget.ts';

/** May neither wait nor throw. */
export type TellAuction = (auction: Auction) => void;

/** Products whose auctions somebody follows. */
export type FollowedAuctions = {
  /** Tells the auction that there is, then each change, and how it ended; the next one likewise. Returns what ends it. */
  readonly follow: (product: ListedProduct, tell: TellAuction) => () => void;
  /** What those who follow a product were told last. Null if nobody does, or there is no auction. */
  readonly told: (productId: string) => Auction | null;
  /** Whose events may have been missed. */
  readonly reset: (shard: string) => void;
  readonly report: (report: Report) => void;
  readonly close: () => void;
};

export type FollowedAuctionsParts = {
  readonly make: (product: ListedProduct, ended?: AuctionEnd) => Auction;
  readonly isThere: (product: ListedProduct) => boolean;
  readonly catalogue: Pick<Catalogue, 'product'>;
  readonly budget: TimeBudget;
  readonly statusOf: (product: ListedProduct) => ProductStatus;
};

/** What changes within so long is one message. */
const everyMs = 50;
/** The catalogue may learn later than a command came that a product is in an auction. */
const lookEveryMs = 1_000;

type Followed = {
  readonly productId: string;
  readonly tells: Set<TellAuction>;
  /** Of an auction that has not come to its end. */
  told: Auction | null;
  /** Commands may have been missed, so that its end may have been. */
  isUnsure: boolean;
};

// biome-ignore lint/complexity/noExcessiveLinesPerFunction: short functions over one state
export function createFollowedAuctions(parts: FollowedAuctionsParts): FollowedAuctions {
  const { make, isThere, catalogue, budget, statusOf } = parts;
  const followed = new Map<string, Followed>();
  const changed = new Set<Followed>();
  let timer: NodeJS.Timeout | undefined;

  const productOf = ({ productId }: Followed): ListedProduct | null => {
    const product = catalogue.product(productId);
    return product && isThere(product) ? product : null;
  };
  const tell = (one: Followed, auction: Auction): void => {
    one.told = auction.auction_state === 'complete' ? null : auction;
    for (const tellOne of one.tells) tellOne(auction);
  };
  const end = (one: Followed, ended: AuctionEnd): void => {
    const product = productOf(one);
    if (product && one.told?.auction_state !== ended.state) tell(one, make(product, ended));
  };
  const update = (one: Followed): void => {
    const product = productOf(one);
    if (!product) return;
    const status = statusOf(product);
    if (status === 'auction') {
      const auction = budget.spend(() => make(product));
      if (!one.told || !isSame(one.told, auction)) tell(one, auction);
      return;
    }
    if (one.told && one.isUnsure) end(one, { state: stateAt(status), opened: null, time: Date.now() });
    one.isUnsure = false;
  };
  const updateChanged = (): void => {
    timer = undefined;
    for (const one of changed) {
      if (budget.rest() > 0) break;
      changed.delete(one);
      update(one);
    }
    if (changed.size > 0) schedule(budget.rest());
  };
  const schedule = (afterMs: number): void => {
    timer ??= setTimeout(updateChanged, afterMs);
  };
  const change = (one: Followed): void => {
    changed.add(one);
    schedule(everyMs);
  };
  const announced = (one: Followed, report: Report): void => {
    const { command } = report;
    if (command.kind !== 'product') return;
    const { status, time } = command;
    changed.delete(one);
    one.isUnsure = false;
    const opened = openingOf(report);
    if (status === 'auction') change(one);
    // Behind the events of the run, which others are told in this turn.
    else if (one.told || opened) queueMicrotask(() => end(one, { state: stateAt(status), opened, time }));
  };
  const look = (): void => {
    for (const one of followed.values()) {
      const product = catalogue.product(one.productId);
      if (!product) continue;
      const isGathering = one.told?.auction_state === 'collection';
      if (one.isUnsure || (statusOf(product) === 'auction' && !isGathering)) change(one);
    }
  };
  const looking = setInterval(look, lookEveryMs);

  return {
    follow: (product, tellOne) => {
      const { productId } = product;
      const one = followed.get(productId) ?? { productId, tells: new Set(), told: null, isUnsure: false };
      const { told, tells } = one;
      if (told) tellOne(told);
      tells.add(tellOne);
      if (followed.get(productId) !== one) {
        followed.set(productId, one);
        if (budget.rest() > 0) change(one);
        else update(one);
      }
      return () => {
        if (!tells.delete(tellOne) || tells.size > 0) return;
        changed.delete(one);
        followed.delete(productId);
      };
    },
    told: (productId) => followed.get(productId)?.told ?? null,
    reset: (shard) => {
      for (const one of followed.values())
        if (catalogue.product(one.productId)?.shard === shard) {
          one.isUnsure = true;
          change(one);
        }
    },
    report: (report) => {
      if (followed.size === 0) return;
      const { command, productId } = report;
      const one = followed.get(command.kind === 'product' ? command.productId : (productId ?? ''));
      if (!one) return;
      if (command.kind === 'product' && report.rejectReason === null) announced(one, report);
      else if (one.told?.auction_state === 'collection') change(one);
    },
    close: () => {
      clearInterval(looking);
      clearTimeout(timer);
    },
  };
}

function stateAt(status: ProductStatus): AuctionEnd['state'] {
  return status === 'online' ? 'complete' : 'suspended';
}

/** What an uncross traded; null if the report is of none. */
function openingOf({ events }: Report): Indicative | null {
  let price: number | null = null;
  let size: Sum = 0;
  for (const event of events) {
    if (event.kind !== 'match' || !event.uncrosses) continue;
    price = event.price;
    size = addExact(size, event.size);
  }
  return price === null ? null : { price, size, rest: null };
}

/** But for its number and time. */
function isSame(one: Auction, other: Auction): boolean {
  return (Object.keys(one) as (keyof Auction)[]).every(
    (name) => name === 'sequence' || name === 'time' || one[name] === other[name],
  );
}
