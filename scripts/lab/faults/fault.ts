// A kind of fault: how it is done, and how it is undone. What comes of it is for others to see.

import type { Random } from '../model/random.ts';
import type { Load } from './load.ts';
import type { Stage } from './stage.ts';

/** On a stage of one kind or another. */
export type Play<S = Stage> = {
  readonly stage: S;
  readonly load: Load;
  readonly random: Random;
  /** Says that an answer was not what it must be while this fault lasts. */
  readonly contradict: (what: string) => void;
};

export type Fault<S = Stage> = {
  readonly says: string;
  /** How often it comes, compared to others: those that take long come rarely. */
  readonly weight: number;
  readonly play: (play: Play<S>) => Promise<void>;
  /** What it needs and the stage may not have. */
  readonly lacks?: (stage: S) => string | null;
};

export type Faults<S = Stage> = Readonly<Record<string, Fault<S>>>;
