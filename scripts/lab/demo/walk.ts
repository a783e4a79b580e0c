import type { Chances } from '../model/random.ts';

/** Where the crowd thinks that the price is, in ticks: a random walk with moods, which does not leave its product's range. */
export type Walk = ReturnType<typeof createWalk>;

export type WalkOptions = {
  readonly start: number;
  readonly least: number;
  readonly most: number;
  readonly random: Chances;
};

/** Of the price, a step. */
const usualVolatility = 0.00045;

export function createWalk({ start, least, most, random }: WalkOptions) {
  let [price, mood, volatility] = [start, 0, usualVolatility];
  return {
    get price() {
      return Math.round(price);
    },
    /** From -1, all sell, to 1, all buy. */
    get mood() {
      return mood;
    },
    step(): void {
      mood = Math.max(-1, Math.min(1, mood * 0.985 + random.normal() * 0.07));
      volatility += (usualVolatility - volatility) * 0.02 + Math.abs(random.normal()) * 0.000012;
      if (random.chance(0.002)) volatility *= 2.5;
      const home = Math.log(start / price) * 0.0008;
      price *= Math.exp(random.normal() * volatility + mood * volatility * 0.06 + home);
      price = Math.max(least * 1.05, Math.min(most * 0.95, price));
    },
  };
}
