// Figures as people read them.

export const count = (number: number): string => Math.round(number).toLocaleString('en');

/** The value below which such a share of them lies; 0 if there is none. Sorts them. */
export function percentiles(values: number[]): (share: number) => number {
  values.sort((one, other) => one - other);
  return (share) => values[Math.max(Math.ceil(values.length * share) - 1, 0)] ?? 0;
}
