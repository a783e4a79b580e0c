import type { Place } from '../../core/wire/commands.ts';
import type { Taken } from '../../matcher/client.ts';
import { BadRequest, type RequestError } from '../errors.ts';
import type { MarketData } from '../market-data/market-data.ts';

/** Bounds how many orders a trader has open in a product. */
export type OpenOrderLimit = {
  /** Which of the orders would be too many; null for each that may be submitted. Those count from now on, until `settle`. */
  readonly admit: (places: readonly Place[]) => (RequestError | null)[];
  /** Tells what became of all that were admitted together: which sequences they have, or null if they were not taken. */
  readonly settle: (places: readonly Place[], taken: readonly Taken[] | null) => void;
};

/** By product and trader, how many orders the market data do not show yet. */
type UnderWay = Map<string, Map<number, number>>;

type Sequenced = { readonly sequence: number; readonly place: Place };

/**
 * Counts what rests in the market data and what this process has submitted since. Several api processes may let a trader
 * pass the limit by what is under way in the others.
 */
export function createOpenOrderLimit(
  marketData: Pick<MarketData, 'sequence' | 'openOrders'>,
  most: number,
): OpenOrderLimit {
  const underWay: UnderWay = new Map();
  // As they were answered, which is in the order of their sequences.
  let sequenced: Sequenced[] = [];
  let shownOf = 0;
  const forgetShown = (): void => {
    const shown = marketData.sequence();
    for (; shownOf < sequenced.length && sequenced[shownOf]!.sequence <= shown; shownOf++)
      add(underWay, sequenced[shownOf]!.place, -1);
    // Removing each from the front would move all that are behind it.
    if (shownOf * 2 < sequenced.length) return;
    sequenced = sequenced.slice(shownOf);
    shownOf = 0;
  };
  const admitOne = (place: Place): RequestError | null => {
    if (!mayRest(place)) return null;
    const { traderId, productId } = place;
    const unseen = underWay.get(productId)?.get(traderId) ?? 0;
    if (marketData.openOrders(traderId, productId) + unseen >= most) return tooMany(most);
    add(underWay, place, 1);
    return null;
  };
  return {
    admit: (places) => {
      if (places.some(mayRest)) forgetShown();
      return places.map(admitOne);
    },
    settle: (places, taken) => {
      for (const [i, place] of places.entries()) {
        if (!mayRest(place)) continue;
        const given = taken?.[i];
        if (given && !given.repeated) sequenced.push({ sequence: given.sequence, place });
        else add(underWay, place, -1);
      }
    },
  };
}

function add(underWay: UnderWay, { productId, traderId }: Place, change: 1 | -1): void {
  const traders = underWay.get(productId) ?? new Map<number, number>();
  underWay.set(productId, traders);
  const count = (traders.get(traderId) ?? 0) + change;
  if (count === 0) traders.delete(traderId);
  else traders.set(traderId, count);
}

/** A stop order that waits is an open one. */
function mayRest({ price, timeInForce, stop }: Place): boolean {
  return stop !== null || (price !== null && (timeInForce === 'GTC' || timeInForce === 'GTT'));
}

function tooMany(most: number): BadRequest {
  return new BadRequest(`Open order limit reached: a trader may have ${most} open orders in a product`);
}
