// Money is whole units of a step in a BigInt, or the decimal text of the API; never a JavaScript number.

/** `'0.01'` → 2. */
export function placesOf(increment: string): number {
  const point = increment.indexOf('.');
  return point === -1 ? 0 : increment.slice(point + 1).replace(/0+$/, '').length;
}

/** Plain decimal text to units of 10^-places; null if it is none, or has more places. */
export function toUnits(text: string, places: number): bigint | null {
  const match = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (!match) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return null;
  const needed = fraction.replace(/0+$/, '');
  if (needed.length > places) return null;
  const units = BigInt((whole || '0') + needed.padEnd(places, '0'));
  return sign === '-' ? -units : units;
}

const mostPlaces = 40;

/** Plain decimal text to units of 10^-40, in which all that the exchange takes can be compared. */
export function exact(text: string): bigint {
  const units = toUnits(text, mostPlaces);
  if (units === null) throw new RangeError(`not a decimal: ${text}`);
  return units;
}

/** The product of two increments, as text with the places of both. */
export function multiplied(a: string, b: string): string {
  const [ofA, ofB] = [placesOf(a), placesOf(b)];
  return fromUnits(toUnits(a, ofA)! * toUnits(b, ofB)!, ofA + ofB);
}

/** Cuts what is beyond the places off. For texts of the API, which are well formed. */
export function toUnitsDown(text: string, places: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return toUnits(places === 0 ? whole : `${whole}.${fraction.slice(0, places)}`, places) ?? 0n;
}

export function fromUnits(units: bigint, places: number): string {
  const negative = units < 0n;
  const digits = String(negative ? -units : units).padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return negative ? `-${text}` : text;
}

/** `'1.500'` → `'1.5'`, `'2.00'` → `'2'`. */
export function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

export function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/** The text some increments higher or lower, not below zero; null if it is no number. */
export function stepBy(text: string, increment: string, by: bigint): string | null {
  const places = placesOf(increment);
  const units = toUnits(text, places);
  if (units === null) return null;
  const next = units + by * toUnits(increment, places)!;
  return fromUnits(next < 0n ? 0n : next, places);
}
