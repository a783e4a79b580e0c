import test from 'ava';
import fc from 'fast-check';
import {
  formatAmount,
  type Increment,
  multiplyIncrements,
  parseAmount,
  parseIncrement,
} from '../../core/units.ts';
import { seed } from '../support/seed.ts';

const cent: Increment = { digits: 2, units: 1 };
const nickel: Increment = { digits: 2, units: 5 };
const one: Increment = { digits: 0, units: 1 };
const limit = 2n ** 53n;

const increments = fc.record({ digits: fc.nat(12), units: fc.integer({ min: 1, max: 5_000 }) });
const plainTexts = fc
  .tuple(
    fc.constantFrom('', '', '-'),
    fc.stringMatching(/^[0-9]{1,18}$/),
    fc.option(fc.stringMatching(/^[0-9]{1,16}$/), { nil: undefined }),
  )
  .map(([sign, whole, fraction]) => `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}`);

/** What the text means, in steps, by integers without limit. */
function oracle(text: string, { digits, units }: Increment): number | string {
  const [whole, fraction = ''] = text.replace('-', '').split('.') as [string, string?];
  const scale = 10n ** 20n;
  const exact = BigInt(whole) * scale + BigInt(fraction.padEnd(20, '0'));
  const smallest = scale / 10n ** BigInt(digits);
  if (exact % smallest !== 0n) return 'too precise';
  if (exact / smallest >= limit) return 'too large';
  if (exact % (smallest * BigInt(units)) !== 0n) return 'too precise';
  return Number(exact / (smallest * BigInt(units))) * (text.startsWith('-') ? -1 : 1) || 0;
}

test('an amount is parsed as integers without limit would', (t) => {
  fc.assert(
    fc.property(plainTexts, increments, (text, increment) => {
      return Object.is(parseAmount(text, increment), oracle(text, increment));
    }),
    { numRuns: 5_000, seed },
  );
  t.pass();
});

test('every amount survives formatting and parsing', (t) => {
  fc.assert(
    fc.property(increments, fc.maxSafeInteger(), (increment, steps) => {
      const whole = Math.trunc(steps / increment.units) || 0;
      return Object.is(parseAmount(formatAmount(whole, increment), increment), whole);
    }),
    { numRuns: 5_000, seed },
  );
  t.pass();
});

test('formatting is exact even past 2^53', (t) => {
  fc.assert(
    fc.property(increments, fc.maxSafeInteger(), (increment, steps) => {
      const text = formatAmount(steps, increment);
      return BigInt(text.replace('.', '')) === BigInt(steps) * BigInt(increment.units);
    }),
    { numRuns: 5_000, seed },
  );
  t.pass();
});

const malformed = [
  '',
  ' ',
  '.',
  '-',
  '--1',
  '+1',
  '1.',
  '.5',
  '-.5',
  '1.2.3',
  '1,5',
  '1,000',
  '1_000',
  ' 1',
  '1 ',
  '1\n',
  '\n1',
  '1e3',
  '1E3',
  '1e-2',
  '0x10',
  '0b1',
  'NaN',
  'Infinity',
  '-Infinity',
  'null',
  '١',
  '１',
  '１.５',
  '1．5',
  '1٫5',
  '𝟏',
  '½',
  '1n',
  '−1',
  '1'.repeat(41),
  `1.${'0'.repeat(41)}`,
];

test('forty digits may stand on either side of the point', (t) => {
  t.is(parseAmount(`${'0'.repeat(39)}1.05${'0'.repeat(38)}`, cent), 105);
});

for (const text of malformed) {
  test(`${JSON.stringify(text)} is not an amount`, (t) => {
    t.is(parseAmount(text, cent), 'malformed');
  });
}

const parsed: [string, Increment, number | string][] = [
  ['5', cent, 500],
  ['5.1', cent, 510],
  ['5.10', cent, 510],
  ['5.100000', cent, 510],
  ['005.10', cent, 510],
  ['0', cent, 0],
  ['-0.00', cent, 0],
  ['-1.25', cent, -125],
  ['5.101', cent, 'too precise'],
  ['0.0000000000000000000001', cent, 'too precise'],
  ['0.10', nickel, 2],
  ['0.11', nickel, 'too precise'],
  ['3', one, 3],
  ['3.0', one, 3],
  ['3.5', one, 'too precise'],
  ['9007199254740991', one, 9007199254740991],
  ['9007199254740992', one, 'too large'],
  ['9007199254740993', one, 'too large'],
  ['90071992547409.91', cent, 9007199254740991],
  ['90071992547409.92', cent, 'too large'],
  ['9'.repeat(40), cent, 'too large'],
];

for (const [text, increment, expected] of parsed) {
  test(`${text} in steps of ${formatAmount(1, increment)} is ${expected}`, (t) => {
    t.is(parseAmount(text, increment), expected as number);
  });
}

const formatted: [number, Increment, string][] = [
  [0, cent, '0.00'],
  [5, cent, '0.05'],
  [-5, cent, '-0.05'],
  [500, cent, '5.00'],
  [3, nickel, '0.15'],
  [7, one, '7'],
  [Number.MAX_SAFE_INTEGER, nickel, '450359962737049.55'],
];

for (const [steps, increment, text] of formatted) {
  test(`${steps} steps of ${increment.units} × 10^-${increment.digits} read ${text}`, (t) => {
    t.is(formatAmount(steps, increment), text);
  });
}

test('minus zero reads as zero', (t) => {
  t.is(formatAmount(-0, one), '0');
  t.is(formatAmount(-0, cent), '0.00');
});

test('an increment has as many digits as it needs', (t) => {
  t.deepEqual(parseIncrement('0.05'), { digits: 2, units: 5 });
  t.deepEqual(parseIncrement('0.050'), { digits: 2, units: 5 });
  t.deepEqual(parseIncrement('1'), one);
  t.deepEqual(parseIncrement('25.00'), { digits: 0, units: 25 });
  t.deepEqual(parseIncrement('1.5'), { digits: 1, units: 15 });
});

for (const text of ['0', '0.00', '-0.01', '', 'abc', '1e-2', '9007199254740992']) {
  test(`${JSON.stringify(text)} is not an increment`, (t) => {
    t.throws(() => parseIncrement(text), { instanceOf: RangeError });
  });
}

test('ticks times lots is the unit of quote amounts', (t) => {
  t.deepEqual(multiplyIncrements(nickel, { digits: 3, units: 2 }), { digits: 5, units: 10 });
});
