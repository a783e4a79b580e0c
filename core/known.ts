/**
 * The highest sequence of a shard that this process has proof of. A Redis that is below it lost data or was replaced by an
 * older one, and would give sequences a second time: the scripts refuse it with `BEHIND`.
 */
export type Known = {
  readonly sequence: () => number;
  readonly reaches: (sequence: number) => void;
};

export function createKnown(): Known {
  let highest = 0;
  return {
    sequence: () => highest,
    reaches: (sequence) => {
      highest = Math.max(highest, sequence);
    },
  };
}
