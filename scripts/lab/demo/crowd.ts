import type { PlaceOrder, Product } from '../../../clients/typescript/src/types.ts';
import { formatAmount, type Increment, parseAmount, parseIncrement } from '../../../core/units.ts';
import type { Chances } from '../model/random.ts';
import { createWalk, type Walk } from './walk.ts';

export type Resting = {
  readonly id: string;
  readonly traderId: number;
  readonly side: 'buy' | 'sell';
  readonly ticks: number;
};

/** What the simulated traders of one product want. Prices are whole ticks, sizes whole lots. */
export type Crowd = ReturnType<typeof createCrowd>;

export type CrowdOptions = {
  readonly product: Product;
  readonly traders: readonly number[];
  readonly random: Chances;
};

/** So many orders rest on each side once the market has warmed up. */
const aim = 420;
/** Of the price: most wait near it, the others for a better day. */
const [nearReach, farReach] = [0.0014, 0.016];

export function createCrowd({ product, traders, random }: CrowdOptions) {
  const [tick, lot] = [parseIncrement(product.quote_increment), parseIncrement(product.base_increment)];
  const units = (text: string, step: Increment): number => Number(parseAmount(text, step));
  const [least, most] = [units(product.min_price, tick), units(product.max_price, tick)];
  const mostLots = units(product.base_max_size, lot);
  const start = Math.round(
    most > 100_000 ? 8_000 + random.below(9_000) : least + (most - least) * (0.25 + random.next() / 2),
  );
  const walk: Walk = createWalk({ start, least, most, random });
  let resting: Resting[] = [];

  const lots = (): number =>
    mostLots === 1 ? 1 : Math.max(1, Math.min(mostLots, Math.round(random.exponential() * 60)));
  const order = (side: 'buy' | 'sell', ticks: number, rest: Partial<PlaceOrder>): PlaceOrder => ({
    ...{ product_id: product.id, side, type: 'limit', trader_id: random.pick(traders), ...rest },
    price: formatAmount(Math.max(least, Math.min(most, Math.round(ticks))), tick),
    size: formatAmount(lots(), lot),
  });

  return {
    product,
    get resting(): readonly Resting[] {
      return resting;
    },
    step: walk.step,
    /** Waits at some distance from the price; nearer is likelier. */
    maker(): PlaceOrder {
      const side = random.chance(0.5) ? 'buy' : 'sell';
      const distance = 0.5 + random.exponential() * walk.price * (random.chance(0.55) ? nearReach : farReach);
      return order(side, walk.price + (side === 'buy' ? -distance : distance), { time_in_force: 'GTC' });
    },
    /** Takes what is there, and more of it the stronger the mood. */
    taker(): PlaceOrder {
      const side = random.chance(0.5 + walk.mood * 0.25) ? 'buy' : 'sell';
      const reach = 1 + random.exponential() * walk.price * 0.0012;
      return order(side, walk.price + (side === 'buy' ? reach : -reach), { time_in_force: 'IOC' });
    },
    /** Whether the next one makes or takes: an empty book is filled first. */
    next(): PlaceOrder {
      return random.chance(resting.length < aim ? 0.12 : 0.3) ? this.taker() : this.maker();
    },
    rested(one: Resting): void {
      resting.push(one);
    },
    /** Which orders their traders give up: those far from the price, and some old ones. They are forgotten here. */
    givenUp(atMost: number): Resting[] {
      const isFar = ({ side, ticks }: Resting) =>
        side === 'buy'
          ? ticks < walk.price * 0.93 || ticks > walk.price * 1.002
          : ticks > walk.price * 1.07 || ticks < walk.price * 0.998;
      const far = resting.filter(isFar).slice(0, atMost);
      const surplus = Math.max(0, resting.length - 2 * aim);
      const old = resting
        .filter((one) => !far.includes(one))
        .slice(0, Math.min(surplus, atMost - far.length));
      const gone = new Set([...far, ...old]);
      resting = resting.filter((one) => !gone.has(one));
      return [...gone];
    },
    ticksOf: (price: string): number => units(price, tick),
  };
}
