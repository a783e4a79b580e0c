// Numbers that look random, and come again with the same seed on every machine.

/** From 0 to below 1, by mulberry32. */
function fractions(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A whole number from `least` to `most`. */
export type Random = (least: number, most: number) => number;

export function createRandom(seed: number): Random {
  const next = fractions(seed);
  return (least, most) => least + Math.floor(next() * (most - least + 1));
}

export function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[random(0, list.length - 1)]!;
}

/** For those who do not decide evenly. */
export type Chances = ReturnType<typeof createChances>;

export function createChances(seed: number) {
  const next = fractions(seed);
  return {
    /** From 0 to below 1. */
    next,
    below: (limit: number): number => Math.floor(next() * limit),
    chance: (probability: number): boolean => next() < probability,
    pick: <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!,
    /** Around 0, mostly within 2. */
    normal: (): number => {
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      return radius * Math.cos(2 * Math.PI * next());
    },
    /** Above 0, 1 on average: mostly small and now and then large. */
    exponential: (): number => -Math.log(1 - next()),
  };
}
