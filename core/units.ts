/**
 * The step in which a price, size or amount moves: `units` × 10^-`digits`.
 * Inside, every amount is a whole number of steps; decimal text exists only at the edge.
 */
export type Increment = { readonly digits: number; readonly units: number };

/** In which rates are counted. */
export const partPerMillion: Increment = { digits: 6, units: 1 };

/** Why a text is not an amount: not plain decimal notation, not a whole number of steps, or 2^53 steps and more. */
export type AmountError = 'malformed' | 'too precise' | 'too large';

const plainDecimal = /^([0-9]{1,40})(?:\.([0-9]{1,40}))?$/;
const mostPlaces = 40;
const [dot, zero, nine] = [0x2e, 0x30, 0x39];

/** `'0.05'` → `{digits: 2, units: 5}`. Throws on anything but a positive plain decimal, which only a broken product row has. */
export function parseIncrement(text: string): Increment {
  const [, whole = '', fraction = ''] = plainDecimal.exec(text) ?? [];
  const digits = fraction.replace(/0+$/, '').length;
  const units = Number(whole + fraction.slice(0, digits));
  if (units === 0 || !Number.isSafeInteger(units)) throw new RangeError(`not an increment: ${text}`);
  return { digits, units };
}

/** The increment of `a` times `b`: tick × lot is the unit of quote amounts. */
export function multiplyIncrements(a: Increment, b: Increment): Increment {
  return { digits: a.digits + b.digits, units: a.units * b.units };
}

/** Plain decimal text to a whole number of steps, exactly; `'-'` may lead. */
export function parseAmount(text: string, { digits, units }: Increment): number | AmountError {
  const start = text.startsWith('-') ? 1 : 0;
  let value = 0; // in 10^-digits, once it has so many places; past 2^53 it is not exact, and stays past
  let point = -1;
  let isTooPrecise = false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= zero && code <= nine) {
      if (point === -1 || i - point <= digits) value = value * 10 + (code - zero);
      else if (code !== zero) isTooPrecise = true;
    } else if (code === dot && point === -1) point = i;
    else return 'malformed';
  }
  const wholePlaces = (point === -1 ? text.length : point) - start;
  const places = point === -1 ? 0 : text.length - point - 1;
  if (wholePlaces === 0 || (point !== -1 && places === 0)) return 'malformed';
  if (wholePlaces > mostPlaces || places > mostPlaces) return 'malformed';
  if (isTooPrecise) return 'too precise';
  for (let place = places; place < digits; place++) value *= 10;
  if (!Number.isSafeInteger(value)) return 'too large';
  if (value % units !== 0) return 'too precise';
  const steps = value / units;
  return start === 1 && steps !== 0 ? -steps : steps;
}

/** A whole number of steps to plain decimal text with as many places as the increment has. */
export function formatAmount(steps: number | bigint, { digits, units }: Increment): string {
  const product = typeof steps === 'number' ? steps * units : Number.NaN;
  const exact = Number.isSafeInteger(product) ? product : BigInt(steps) * BigInt(units);
  if (digits === 0) return String(exact);
  const negative = exact < 0;
  const text = String(negative ? -exact : exact).padStart(digits + 1, '0');
  return `${negative ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Sums of amounts that are below 2^53 each may go beyond; then they are bigints. */
export type Sum = number | bigint;

/** Exactly. A number wherever one will do. */
export function addExact(sum: Sum, amount: Sum): Sum {
  if (typeof sum === 'number' && typeof amount === 'number') {
    const added = sum + amount;
    if (Number.isSafeInteger(added)) return added;
  }
  const added = BigInt(sum) + BigInt(amount);
  return Number.isSafeInteger(Number(added)) ? Number(added) : added;
}

/** Whole decimal text, as PostgreSQL prints a sum. */
export function parseSum(text: string): Sum {
  return addExact(BigInt(text), 0);
}

/** A rate in parts per million as a decimal with four places, or more if it needs them. */
export function formatRate(partsPerMillion: number): string {
  return formatAmount(partsPerMillion, partPerMillion).replace(/0{1,2}$/, '');
}
