// Which fault comes when: a function of the seed.

import { createRandom, type Random } from '../model/random.ts';

export type Step = {
  readonly kind: string;
  /** Before the fault, so that it comes at any moment. */
  readonly pauseMs: number;
  /** The fault comes while the exchange may still recover from the one before. */
  readonly isHasty: boolean;
  /** For targets and durations. */
  readonly seed: number;
};

const longestPauseMs = 400;
const stepsForHasty = 5;

/** Endless. Every round has each kind as often as its weight says, in an order of its own. */
export function* planOf(seed: number, weights: Readonly<Record<string, number>>): Generator<Step> {
  const random = createRandom(seed);
  for (let round = 0; ; round++) {
    // The first round has each kind once, so that a short run has them all.
    const tickets = Object.keys(weights).flatMap((kind) =>
      Array<string>(round === 0 ? 1 : weights[kind]!).fill(kind),
    );
    for (const kind of shuffled(tickets, random)) {
      const isHasty = random(1, stepsForHasty) === 1;
      yield { kind, pauseMs: random(0, longestPauseMs), isHasty, seed: random(0, 2 ** 31) };
    }
  }
}

function shuffled<T>(list: readonly T[], random: Random): T[] {
  const left = [...list];
  return list.map(() => left.splice(random(0, left.length - 1), 1)[0]!);
}
