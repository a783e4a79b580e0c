import { hostname } from 'node:os';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { type PrettyOptions, build as pretty } from 'pino-pretty';

export type Log = Logger;

/** Whatever they are called, and wherever somebody puts them: such values never reach a line. */
const secrets = ['authorization', 'cookie', 'password', 'secret', 'token', 'key', 'body'];
const redact = { paths: secrets.flatMap((name) => [name, `*.${name}`]), remove: true };

const readable: PrettyOptions = {
  ...{ ignore: 'service,host,pid', messageFormat: '{process}: {msg}', translateTime: 'HH:MM:ss.l' },
};

/** A child keeps the level that its parent had, so all of them are told. There are as many as shards. */
const children: Log[] = [];

/**
 * One line an event on standard output, readable on a terminal and else JSON of one shape: `time`, `level`, `msg`, which
 * process said it, and where it applies `shard`, `sequence`, `request_id`, `trader_id`, and OpenTelemetry's `trace_id` and `span_id`.
 */
export function createLog(process: string, level: string): Log {
  const { pid, stdout } = globalThis.process;
  return pino(
    {
      ...{ level, redact, timestamp: stdTimeFunctions.isoTime },
      base: { service: 'cardstock', process, host: hostname(), pid },
      formatters: { level: (label) => ({ level: label }) },
      onChild: (child) => children.push(child),
    },
    stdout.isTTY ? pretty(readable) : pino.destination(1),
  );
}

/** SIGUSR2 lowers the level to debug, and the next one restores it: without a restart, which would end what one wants to see. */
export function switchLevelOnSignal(log: Log, alsoTell: () => readonly number[] = () => []): void {
  const usual = log.level;
  globalThis.process.on('SIGUSR2', () => {
    const level = log.level === 'debug' ? usual : 'debug';
    for (const one of [log, ...children]) one.level = level;
    for (const pid of alsoTell()) globalThis.process.kill(pid, 'SIGUSR2');
    log.info({ level_now: level }, 'the log level was changed');
  });
}
