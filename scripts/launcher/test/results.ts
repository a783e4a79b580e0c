// AVA's result, read from what its default reporter prints: with failures AVA itself does not print how many passed,
// and its TAP reporter crashes on a timeout.

import { stripVTControlCharacters } from 'node:util';

export type Results = { passed: number; failed: number; skipped: number };

/** "  ✔ title"; on a bare Linux console "  √ title". */
const passedTest = /^ {2}[✔√] /u;
const failures =
  /^\s+(\d+) (?:hooks? failed|tests? failed|uncaught exceptions?|unhandled rejections?|tests? remained pending after a timeout)\b/;
const skips = /^\s+(\d+) tests? (?:skipped|todo)\b/;

export function countResults() {
  const results: Results = { passed: 0, failed: 0, skipped: 0 };
  return {
    read: (line: string): void => {
      const text = stripVTControlCharacters(line);
      if (passedTest.test(text)) results.passed++;
      results.failed += Number(failures.exec(text)?.[1] ?? 0);
      results.skipped += Number(skips.exec(text)?.[1] ?? 0);
    },
    /** A run that AVA calls bad has a failure, counted or not: a file that does not load, or no test at all. */
    close: (isGood: boolean): Results => {
      const isEmpty = results.passed === 0 && results.failed === 0;
      return (isGood && !isEmpty) || results.failed > 0 ? results : { ...results, failed: 1 };
    },
  };
}

export function closingLine({ passed, failed, skipped }: Results): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
