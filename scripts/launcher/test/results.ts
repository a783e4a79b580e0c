// AVA's result, read from what its default reporter prints: with failures AVA itself does not print how many passed,
// and its TAP reporter crashes on a timeout.

import { stripVTControlCharacters } from 'node:util';

export type Results = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tests that failed at first, and passed when their files ran once more. */
  readonly unsteady: number;
  /** Where tests failed, as far as AVA says so. */
  readonly failedFiles: readonly string[];
};

/** "  ✔ title"; on a bare Linux console "  √ title". */
const passedTest = /^ {2}[✔√] /u;
/** "  ✘ [fail]: folder › file › title". */
const failedTest = /^ {2}[✘×] \[fail\]: (.*)$/u;
const failures =
  /^\s+(\d+) (?:hooks? failed|tests? failed|uncaught exceptions?|unhandled rejections?|tests? remained pending after a timeout)\b/;
const skips = /^\s+(\d+) tests? (?:skipped|todo)\b/;
const troubledFile =
  /^\s*(?:Uncaught exception in|Failed to exit when running|Unhandled rejection in|\d+ tests? were pending in|[✘×]) (test\/\S+\.test\.ts)\b/u;

/** The files that a line of a failure may name: where a folder ends and a title begins is not said. */
function filesNamedBy(line: string): string[] {
  const file = troubledFile.exec(line)?.[1];
  if (file !== undefined) return [file];
  const words = (failedTest.exec(line)?.[1] ?? '').split(' › ');
  return words.slice(0, -1).map((_, i) => `test/${words.slice(0, i + 1).join('/')}.test.ts`);
}

/** @param isFile whether there is a test file of that path. */
export function countResults(isFile: (path: string) => boolean) {
  let [passed, failed, skipped] = [0, 0, 0];
  const failedFiles = new Set<string>();
  return {
    read: (line: string): void => {
      const text = stripVTControlCharacters(line);
      if (passedTest.test(text)) passed++;
      failed += Number(failures.exec(text)?.[1] ?? 0);
      skipped += Number(skips.exec(text)?.[1] ?? 0);
      for (const file of filesNamedBy(text)) if (isFile(file)) failedFiles.add(file);
    },
    /** A run that AVA calls bad has a failure, counted or not: a file that does not load, or no test at all. */
    close: (isGood: boolean): Results => {
      const isEmpty = passed === 0 && failed === 0;
      if (failed === 0 && (!isGood || isEmpty)) failed = 1;
      return { passed, failed, skipped, unsteady: 0, failedFiles: [...failedFiles] };
    },
  };
}

/** More than these are no accident: a run with them has failed as it is. */
const maxFilesAgain = 3;

export function isWorthAnother({ failed, failedFiles }: Results): boolean {
  return failed > 0 && failedFiles.length > 0 && failedFiles.length <= maxFilesAgain;
}

/** What both runs say: that of everything, and that of the files with failures alone. */
export function afterAnother(first: Results, again: Results): Results {
  if (again.failed > 0) return first;
  return { ...first, passed: first.passed + first.failed, failed: 0, unsteady: first.failed };
}

export function closingLine({ passed, failed, skipped, unsteady }: Results): string {
  const more = [
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(unsteady > 0 ? [`${unsteady} unsteady`] : []),
  ];
  return [`${passed} passed`, `${failed} failed`, ...more].join(', ');
}
