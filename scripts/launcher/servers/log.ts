import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';

/** Takes one line of progress for the person at the console. */
export type Log = (line: string) => void;

const largestLog = 10_000_000;

/** Opens `<dataDir>/logs/<name>.log` for appending; a large one of earlier runs is put aside first. */
export function openLog(dataDir: string, name: string): number {
  const file = logFile(dataDir, name);
  mkdirSync(`${dataDir}/logs`, { recursive: true, mode: 0o700 });
  if (existsSync(file) && statSync(file).size > largestLog) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

export function logFile(dataDir: string, name: string): string {
  return `${dataDir}/logs/${name}.log`;
}

/** Hands an open log to `use`, usually to give it to a child process, and closes our own end of it. */
export function withLog<T>(dataDir: string, name: string, use: (fd: number) => T): T {
  const fd = openLog(dataDir, name);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** The end of a log, for the message about a program that did not start. */
export function lastLines(dataDir: string, name: string, count = 8): string {
  try {
    return readFileSync(logFile(dataDir, name), 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '';
  }
}
