import { type Logger, pino } from 'pino';

export type Log = Logger;

/** One JSON line an event on standard output; `process` says which of the exchange's processes wrote it. */
export function createLog(process: string, level: string): Log {
  return pino({ level, base: { process, pid: globalThis.process.pid } });
}
