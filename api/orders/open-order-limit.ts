import type { Place } from '../../core/wire/commands.ts';
import type { Taken } from '../../matcher/client.ts';
import { BadRequest, type RequestError } from '../errors.ts';
import type { MarketData } from '../market-data/market-data.ts';

/** Bounds how many orders a trader has open in a product. */
export type OpenOrderLimit = {
  readonly admit: (places: readonly Place[]) => Admission;
};

/** Orders that ask to be submitted together. */
export type Admission = {
  /** Why each would be too many, or null. Null if all may be submitted. They count from now on, until `settle`. */
  readonly refusals: readonly (RequestError | null)[] | null;
  /** Tells what became of those that were admitted: which sequences they have, or null if they were not taken. */
  readonly settle: (taken: readonly Taken[] | null) => void;
};

/** How many orders of a trader in a product the market data do not show yet. Nobody is kept who has none. */
type UnderWay = { readonly traderId: number; readonly traders: Map<number, UnderWay>; orders: number };

type Sequenced = { readonly sequence: number; readonly underWay: UnderWay };

/**
 * Counts what rests in the market data and what this process has submitted since. Several api processes may let a trader
 * pass the limit by what is under way in the others.
 */
export function createOpenOrderLimit(
  marketData: Pick<MarketData, 'sequence' | 'openOrders'>,
  most: number,
): OpenOrderLimit {
  const products = new Map<string, Map<number, UnderWay>>();
  // As they were answered, which is in the order of their sequences.
  let sequenced: Sequenced[] = [];
  let shownOf = 0;
  const forgetShown = (): void => {
    const shown = marketData.sequence();
    for (; shownOf < sequenced.length && sequenced[shownOf]!.sequence <= shown; shownOf++)
      countOut(sequenced[shownOf]!.underWay);
    // Removing each from the front would move all that are behind it.
    if (shownOf * 2 < sequenced.length) return;
    sequenced = sequenced.slice(shownOf);
    shownOf = 0;
  };
  const underWayOf = ({ traderId, productId }: Place): UnderWay => {
    const traders = products.get(productId) ?? new Map<number, UnderWay>();
    products.set(productId, traders);
    const known = traders.get(traderId);
    if (known) return known;
    const underWay = { traderId, traders, orders: 0 };
    traders.set(traderId, underWay);
    return underWay;
  };
  const isRoomFor = ({ traderId, productId }: Place, { orders }: UnderWay): boolean =>
    marketData.openOrders(traderId, productId) + orders < most;
  return {
    admit: (places) => {
      if (places.some(mayRest)) forgetShown();
      /** Of each that is admitted, or null if it may not rest. */
      const counted: (UnderWay | null)[] = [];
      let refusals: (RequestError | null)[] | null = null;
      for (const [i, place] of places.entries()) {
        const underWay = mayRest(place) ? underWayOf(place) : null;
        if (underWay && !isRoomFor(place, underWay)) {
          refusals ??= places.map(() => null);
          refusals[i] = tooMany(most);
          forgetIfNone(underWay);
          continue;
        }
        if (underWay) underWay.orders++;
        counted.push(underWay);
      }
      const settle: Admission['settle'] = (taken) => {
        for (const [i, underWay] of counted.entries()) {
          if (!underWay) continue;
          const given = taken?.[i];
          if (given && !given.repeated) sequenced.push({ sequence: given.sequence, underWay });
          else countOut(underWay);
        }
      };
      return { refusals, settle };
    },
  };
}

function countOut(underWay: UnderWay): void {
  underWay.orders--;
  forgetIfNone(underWay);
}

function forgetIfNone({ orders, traders, traderId }: UnderWay): void {
  if (orders === 0) traders.delete(traderId);
}

/** A stop order that waits is an open one. */
function mayRest({ price, timeInForce, stop }: Place): boolean {
  return stop !== null || (price !== null && (timeInForce === 'GTC' || timeInForce === 'GTT'));
}

function tooMany(most: number): BadRequest {
  return new BadRequest(`Open order limit reached: a trader may have ${most} open orders in a product`);
}
