// The kinds of options that commands share. Each is `--name <value>`, and says what is wrong with a value.

import { Option } from '@commander-js/extra-typings';
import { UsageError } from './errors.ts';

type Range = readonly [least: number, most: number];

/** A whole number; `1_000` is one as well. */
export function whole<F extends string>(flags: F, says: string, range: Range) {
  return new Option(flags, says).argParser((text: string) => wholeIn(flags, text, range));
}

/** Whole numbers above zero: `1000,5000`; `0` is none. */
export function wholes<F extends string>(flags: F, says: string) {
  return new Option(flags, says).argParser((text: string) =>
    text === '0' ? [] : text.split(',').map((one) => wholeIn(flags, one, [1, 1e9])),
  );
}

/** From 0 to 1. */
export function share<F extends string>(flags: F, says: string) {
  return new Option(flags, says).argParser((text: string) => {
    const value = Number(text);
    if (value >= 0 && value <= 1) return value;
    throw new UsageError(`${nameIn(flags)} must be a number from 0 to 1, and is "${text}".`);
  });
}

/** Some of the names that there are; all of them if nothing is said. */
export function namesOf<F extends string, N extends string>(flags: F, says: string, known: readonly N[]) {
  const find = (text: string): N => {
    const name = known.find((one) => one === text);
    if (name === undefined)
      throw new UsageError(`${nameIn(flags)}: "${text}" is none of ${known.join(', ')}.`);
    return name;
  };
  return new Option(flags, says)
    .argParser((text: string): readonly N[] => text.split(',').map(find))
    .default(known, 'all');
}

/** The same seed gives the same `what`. */
export function seedOf(what: string) {
  return whole('--seed <n>', `the same seed gives the same ${what}`, [0, 2 ** 31]);
}

export function jsonFile() {
  return new Option('--json <file>', 'write the result there as well');
}

function wholeIn(flags: string, text: string, [least, most]: Range): number {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${nameIn(flags)} must be a whole number from ${least} to ${most}, and is "${text}".`);
}

/** `--orders <n>` → `--orders` */
function nameIn(flags: string): string {
  return flags.replace(/ .*/, '');
}
