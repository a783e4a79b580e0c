import type { ProductStatus } from '../../core/product.ts';
import { singleFlight } from '../../core/single-flight.ts';
import type { ProductChange } from '../../core/wire/commands.ts';
import type { Catalogue, ListedProduct } from '../products/catalogue.ts';
import type { Shards } from '../shard/shards.ts';
import { createFollowedAuctions, type FollowedAuctions } from './followed-auctions.ts';
import { type Auction, type AuctionEnd, presentAuction } from './presentation.ts';
import { createTimeBudget } from './time-budget.ts';

export type Auctions = Pick<FollowedAuctions, 'follow' | 'told' | 'close'> & {
  /** As the market data stand, which `marketOf` has caught up; null if the product is in no auction. Throws as they do. */
  readonly now: (product: ListedProduct) => Promise<Auction | null>;
};

/** The auctions of all shards. What they come to is computed for all who ask or follow, within one budget of time. */
export function createAuctions(shards: Shards, catalogue: Catalogue): Auctions {
  const statuses = createStatuses(catalogue);
  const budget = createTimeBudget();
  const make = (product: ListedProduct, ended?: AuctionEnd): Auction => {
    const { productId } = product;
    const book = shards.ofProduct(product).marketData.book(productId, 1);
    return { product_id: productId, sequence: book.feedSequence, ...presentAuction(book, product, ended) };
  };
  const isThere = (product: ListedProduct): boolean => shards.ofProduct(product).marketData.isThere();
  const followed = createFollowedAuctions({ make, isThere, catalogue, budget, statusOf: statuses.of });
  shards.each(({ name, reports }) =>
    reports.subscribe({
      reset: () => {
        statuses.forget(name);
        followed.reset(name);
      },
      reports: (some) => {
        for (const report of some) {
          if (report.command.kind === 'product' && report.rejectReason === null) statuses.set(report.command);
          followed.report(report);
        }
      },
    }),
  );
  const flights = new Map<string, () => Promise<Auction | null>>();
  const compute = async (productId: string): Promise<Auction | null> => {
    await budget.rested();
    const product = catalogue.product(productId);
    return product && statuses.of(product) === 'auction' ? budget.spend(() => make(product)) : null;
  };
  return {
    now: async (product) => {
      const { productId } = product;
      if (statuses.of(product) !== 'auction') return null;
      const flight = flights.get(productId) ?? singleFlight(() => compute(productId));
      flights.set(productId, flight);
      return flight();
    },
    ...{ follow: followed.follow, told: followed.told, close: followed.close },
  };
}

/** As the last command that was read said. Else as the catalogue does, which may be ahead of the command. */
function createStatuses(catalogue: Catalogue) {
  const said = new Map<string, ProductStatus>();
  return {
    of: ({ productId, status }: ListedProduct): ProductStatus => said.get(productId) ?? status,
    set: ({ productId, status }: ProductChange): void => {
      said.set(productId, status);
    },
    forget: (shard: string): void => {
      for (const productId of said.keys())
        if (catalogue.product(productId)?.shard === shard) said.delete(productId);
    },
  };
}
