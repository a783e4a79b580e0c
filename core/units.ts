/**
 * The step in which a price, size or amount moves: `units` × 10^-`digits`.
 * Inside, every amount is a whole number of steps; decimal text exists only at the edge.
 */
export type Increment = { readonly digits: number; readonly units: number };

/** Why a text is not an amount: not plain decimal notation, not a whole number of steps, or 2^53 steps and more. */
export type AmountError = 'malformed' | 'too precise' | 'too large';

const plainDecimal = /^(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?$/;

/** `'0.05'` → `{digits: 2, units: 5}`. Throws on anything but a positive plain decimal, which only a broken product row has. */
export function parseIncrement(text: string): Increment {
  const [, sign, whole = '', fraction = ''] = plainDecimal.exec(text) ?? [];
  const digits = fraction.replace(/0+$/, '').length;
  const units = Number(whole + fraction.slice(0, digits));
  if (sign !== '' || units === 0 || !Number.isSafeInteger(units))
    throw new RangeError(`not an increment: ${text}`);
  return { digits, units };
}

/** The increment of `a` times `b`: tick × lot is the unit of quote amounts. */
export function multiplyIncrements(a: Increment, b: Increment): Increment {
  return { digits: a.digits + b.digits, units: a.units * b.units };
}

/** Plain decimal text to a whole number of steps, exactly; `'-'` may lead. */
export function parseAmount(text: string, increment: Increment): number | AmountError {
  const found = plainDecimal.exec(text);
  if (!found) return 'malformed';
  const [, sign, whole = '', fraction = ''] = found;
  if (/[1-9]/.test(fraction.slice(increment.digits))) return 'too precise';
  const units = Number(whole + fraction.slice(0, increment.digits).padEnd(increment.digits, '0'));
  if (!Number.isSafeInteger(units)) return 'too large';
  if (units % increment.units !== 0) return 'too precise';
  const steps = units / increment.units;
  return sign === '-' && steps !== 0 ? -steps : steps;
}

/** A whole number of steps to plain decimal text with as many places as the increment has. */
export function formatAmount(steps: number, { digits, units }: Increment): string {
  const product = steps * units;
  const exact = Number.isSafeInteger(product) ? product : BigInt(steps) * BigInt(units);
  if (digits === 0) return String(exact);
  const negative = exact < 0;
  const text = String(negative ? -exact : exact).padStart(digits + 1, '0');
  return `${negative ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
