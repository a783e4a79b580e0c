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

/** Orders of one trader and product that the market data do not show yet. */
type UnderWay = { unsequenced: number; sequences: number[] };

/**
 * Counts what rests in the market data and what this process has submitted since. Several api processes may let a trader
 * pass the limit by what is under way in the others.
 */
export function createOpenOrderLimit(
  marketData: Pick<MarketData, 'sequence' | 'openOrders'>,
  most: number,
): OpenOrderLimit {
  const underWay = new Map<string, UnderWay>();
  const open = (place: Place): number => {
    const key = keyOf(place);
    const since = underWay.get(key);
    const resting = marketData.openOrders(place.traderId, place.productId);
    if (!since) return resting;
    const shown = marketData.sequence();
    since.sequences = since.sequences.filter((sequence) => sequence > shown);
    const unseen = since.unsequenced + since.sequences.length;
    if (unseen === 0) underWay.delete(key);
    return resting + unseen;
  };
  const admitOne = (place: Place): RequestError | null => {
    if (!mayRest(place)) return null;
    if (open(place) >= most) return tooMany(most);
    const key = keyOf(place);
    const since = underWay.get(key) ?? { unsequenced: 0, sequences: [] };
    since.unsequenced++;
    underWay.set(key, since);
    return null;
  };
  return {
    admit: (places) => places.map(admitOne),
    settle: (places, taken) => {
      for (const [i, place] of places.entries()) {
        if (!mayRest(place)) continue;
        const since = underWay.get(keyOf(place))!;
        since.unsequenced--;
        const given = taken?.[i];
        if (given && !given.repeated) since.sequences.push(given.sequence);
        else if (since.unsequenced === 0 && since.sequences.length === 0) underWay.delete(keyOf(place));
      }
    },
  };
}

/** A stop order that waits is an open one. */
function mayRest({ price, timeInForce, stop }: Place): boolean {
  return stop !== null || (price !== null && (timeInForce === 'GTC' || timeInForce === 'GTT'));
}

function keyOf({ traderId, productId }: Place): string {
  return `${traderId} ${productId}`;
}

function tooMany(most: number): BadRequest {
  return new BadRequest(`Open order limit reached: a trader may have ${most} open orders in a product`);
}
