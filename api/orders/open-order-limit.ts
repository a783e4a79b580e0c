import type { Place } from '../../core/wire/commands.ts';
import type { Taken } from '../../matcher/client.ts';
import { BadRequest, type RequestError } from '../errors.ts';
import type { MarketData } from '../market-data/market-data.ts';
import { CountsByTrader } from './counts-by-trader.ts';

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

/**
 * Counts what rests in the market data and what this process has submitted since. Several api processes may let a trader
 * pass the limit by what is under way in the others.
 */
export function createOpenOrderLimit(
  marketData: Pick<MarketData, 'sequence' | 'openOrders'>,
  most: number,
): OpenOrderLimit {
  /** What the market data do not show yet, by product. */
  const products = new Map<string, CountsByTrader>();
  const sequenced = createSequenced();
  const underWayIn = (productId: string): CountsByTrader => {
    let underWay = products.get(productId);
    if (!underWay) {
      underWay = new CountsByTrader();
      products.set(productId, underWay);
    }
    return underWay;
  };
  return {
    admit: (places) => {
      if (places.some(mayRest)) sequenced.countOut(marketData.sequence());
      /** Of each that is admitted, where it is counted; null if it may not rest. */
      const counted: (CountsByTrader | null)[] = [];
      const traderIds: number[] = [];
      let refusals: (RequestError | null)[] | null = null;
      for (let i = 0; i < places.length; i++) {
        const place = places[i]!;
        const { traderId, productId } = place;
        const underWay = mayRest(place) ? underWayIn(productId) : null;
        if (underWay && marketData.openOrders(traderId, productId) + underWay.of(traderId) >= most) {
          refusals ??= places.map(() => null);
          refusals[i] = tooMany(most);
          continue;
        }
        underWay?.add(traderId, 1);
        counted.push(underWay);
        traderIds.push(traderId);
      }
      const settle: Admission['settle'] = (taken) => {
        for (const [i, underWay] of counted.entries()) {
          if (!underWay) continue;
          const given = taken?.[i];
          if (given && !given.repeated) sequenced.add(given.sequence, underWay, traderIds[i]!);
          else underWay.add(traderIds[i]!, -1);
        }
      };
      return { refusals, settle };
    },
  };
}

/**
 * The orders under way that have a sequence, as they were answered, which is in the order of these. They are many and live for a
 * moment: as objects, they would be copied by the garbage collector again and again.
 */
function createSequenced() {
  let sequences: number[] = [];
  let underWay: CountsByTrader[] = [];
  let traderIds: number[] = [];
  let gone = 0;
  return {
    add: (sequence: number, counts: CountsByTrader, traderId: number): void => {
      sequences.push(sequence);
      underWay.push(counts);
      traderIds.push(traderId);
    },
    /** Those up to a sequence are shown by the market data. */
    countOut: (shown: number): void => {
      for (; gone < sequences.length && sequences[gone]! <= shown; gone++)
        underWay[gone]!.add(traderIds[gone]!, -1);
      // Removing each from the front would move all that are behind it.
      if (gone * 2 < sequences.length) return;
      sequences = sequences.slice(gone);
      underWay = underWay.slice(gone);
      traderIds = traderIds.slice(gone);
      gone = 0;
    },
  };
}

/** A stop order that waits is an open one. */
function mayRest({ price, timeInForce, stop }: Place): boolean {
  return stop !== null || (price !== null && (timeInForce === 'GTC' || timeInForce === 'GTT'));
}

function tooMany(most: number): BadRequest {
  return new BadRequest(`Open order limit reached: a trader may have ${most} open orders in a product`);
}
