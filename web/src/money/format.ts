import { fromUnits, toUnits, trimZeros } from './decimal.ts';

/** `'1234567.50'` → `'1,234,567.50'`. */
export function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

const suffixes: [places: number, suffix: string][] = [
  [12, 'T'],
  [9, 'B'],
  [6, 'M'],
  [3, 'K'],
];

/** A size at a glance: three digits that count, cut and not rounded up. `'1234567'` → `'1.23M'`. */
export function short(text: string): string {
  const [whole = '0'] = text.split('.');
  const digits = whole.replace('-', '');
  for (const [places, suffix] of suffixes) {
    if (digits.length <= places) continue;
    const head = digits.slice(0, -places);
    const tail = digits.slice(-places).slice(0, Math.max(0, 3 - head.length));
    const sign = whole.startsWith('-') ? '-' : '';
    return `${sign}${tail === '' ? head : trimZeros(`${head}.${tail}`)}${suffix}`;
  }
  return trimZeros(text);
}

const changePlaces = 8;

/** From one price to another in percent with two places, exactly: `{ text: '+1.25 %', sign: 1 }`. */
export function percentChange(from: string, to: string): { text: string; sign: -1 | 0 | 1 } | null {
  const [a, b] = [toUnits(from, changePlaces), toUnits(to, changePlaces)];
  if (a === null || b === null || a <= 0n) return null;
  const hundredths = ((b - a) * 10_000n) / a;
  const sign = hundredths > 0n ? 1 : hundredths < 0n ? -1 : 0;
  return { text: `${sign > 0 ? '+' : ''}${fromUnits(hundredths, 2)}%`, sign };
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: '2-digit' });

export function timeOfDay(iso: string): string {
  return clock.format(new Date(iso));
}

/** The day too, unless it is today. */
export function when(iso: string): string {
  const date = new Date(iso);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clock.format(date) : `${day.format(date)} ${clock.format(date)}`;
}
