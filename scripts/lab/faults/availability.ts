// The longest times in which something that should always go on did not.

export type Availability = {
  /** It goes on: so many orders were answered, or written. */
  readonly answered: (orders: number) => void;
  /** A fault of this kind begins; what lasts too long from now on is its doing. */
  readonly begin: (kind: string) => void;
  /** Nobody asks for a while. */
  readonly suspend: () => void;
  readonly resume: () => void;
  readonly longestMs: () => number;
  readonly of: (kind: string) => { readonly answered: number; readonly longestMs: number };
};

type Tally = { answered: number; longestMs: number };

export function watchAvailability(now: () => number = () => performance.now()): Availability {
  const tallies = new Map<string, Tally>();
  let longestMs = 0;
  let last: number | null = now();
  /** Kinds that began since the last answer, and the one before them. */
  let suspects: string[] = [];
  const tallyOf = (kind: string): Tally => {
    const tally = tallies.get(kind) ?? { answered: 0, longestMs: 0 };
    tallies.set(kind, tally);
    return tally;
  };
  const closeGap = (): void => {
    if (last === null) return;
    const gap = now() - last;
    longestMs = Math.max(longestMs, gap);
    for (const kind of suspects) {
      const tally = tallyOf(kind);
      tally.longestMs = Math.max(tally.longestMs, gap);
    }
    suspects = suspects.slice(-1);
    last = now();
  };
  return {
    answered: (orders) => {
      closeGap();
      const current = suspects.at(-1);
      if (current !== undefined) tallyOf(current).answered += orders;
    },
    begin: (kind) => suspects.push(kind),
    suspend: () => {
      closeGap();
      last = null;
    },
    resume: () => {
      last = now();
    },
    longestMs: () => longestMs,
    of: (kind) => tallyOf(kind),
  };
}
