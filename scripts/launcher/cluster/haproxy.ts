// One address for the apis and one for the PostgreSQL that is the primary.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverEnv } from '../servers/environment.ts';
import { StartError } from '../servers/errors.ts';
import { findProgram } from '../servers/find.ts';
import { lastLines, withLog } from '../servers/log.ts';
import { type Running, type Started, startProgram, stopProgram } from '../servers/process.ts';
import { checkRole } from './postgres-pair.ts';

const [checkEveryMs, checkTakesMs] = [500, 2_000];
/** It takes each server for one at work until it has checked it, and then ends the sessions with those that are not. */
export const firstCheckMs = checkEveryMs + checkTakesMs;

/** Debian keeps it where only root looks for programs. */
const usualPlace = '/usr/sbin/haproxy';

export function findHaproxy(): string | undefined {
  return findProgram('haproxy') ?? (existsSync(usualPlace) ? usualPlace : undefined);
}

type Server = { readonly id: string; readonly port: number };

export type HaproxyOptions = {
  readonly bin: string;
  readonly dataDir: string;
  readonly host: string;
  /** The one address of the exchange. */
  readonly port: number;
  readonly apis: readonly Server[];
  /** Its address for PostgreSQL. */
  readonly postgresPort: number;
  readonly postgres: readonly Server[];
};

export type Haproxy = { readonly id: string; readonly launch: () => Promise<Started> };

/** What PostgreSQL is asked without a library: who asks, the question, and that this was all. */
function checkOf(question: string): string[] {
  const login = Buffer.from(`user\0${checkRole}\0database\0postgres\0\0`);
  const version = Buffer.from([0, 3, 0, 0]);
  const text = Buffer.from(`${question}\0`);
  return [
    Buffer.concat([lengthOf(version.length + login.length), version, login]),
    Buffer.concat([Buffer.from('Q'), lengthOf(text.length), text]),
  ].map((message) => message.toString('hex'));
}

/** Of a message, with itself. */
function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes + 4);
  return length;
}

/** A row of one column of one byte, `f`. */
const saysFalse = '440000000b00010000000166';

/** Only what was not sent is tried elsewhere: an order must not be sent twice. */
function backend(name: 'ready' | 'live', servers: readonly string[]): string[] {
  return [
    `backend ${name}`,
    '    mode http',
    '    balance leastconn',
    '    option forwardfor',
    '    option redispatch',
    '    retries 2',
    '    retry-on conn-failure',
    '    timeout tunnel 1d',
    `    option httpchk GET /health/${name}`,
    `    default-server inter ${checkEveryMs}ms fall 3 rise 1`,
    ...servers,
    '',
  ];
}

function configuration({ host, port, apis, postgresPort, postgres }: HaproxyOptions): string {
  const lines = (servers: readonly Server[]): string[] =>
    servers.map(({ id, port }) => `    server ${id} 127.0.0.1:${port} check`);
  const checks = checkOf('select pg_is_in_recovery()').map((hex) => `    tcp-check send-binary ${hex}`);
  return [
    'defaults',
    '    timeout connect 2s',
    '    timeout client 1h',
    '    timeout server 1h',
    `    timeout check ${checkTakesMs}ms`,
    '',
    'frontend exchange',
    '    mode http',
    `    bind ${host}:${port}`,
    '    use_backend ready if { nbsrv(ready) gt 0 }',
    '    default_backend live',
    '',
    ...backend('ready', lines(apis)),
    '# While PostgreSQL is away none is ready, and they take orders all the same.',
    ...backend('live', lines(apis)),
    '# Sessions with one that is not the primary any more are ended. While both say that they are, new ones go to the first.',
    'listen postgres',
    '    mode tcp',
    `    bind 127.0.0.1:${postgresPort}`,
    '    balance first',
    '    option tcp-check',
    '    tcp-check connect',
    ...checks,
    `    tcp-check expect binary ${saysFalse}`,
    `    default-server inter ${checkEveryMs}ms fall 2 rise 1 on-marked-down shutdown-sessions`,
    ...lines(postgres),
    '',
  ].join('\n');
}

const name = 'haproxy';

export function prepareHaproxy(options: HaproxyOptions): Haproxy {
  const { bin, dataDir, port, postgresPort } = options;
  const folder = `${dataDir}/${name}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/haproxy.cfg`;
  writeFileSync(file, configuration(options), { mode: 0o600 });
  const launch = async (): Promise<Started> => {
    const running = withLog(dataDir, name, (log) =>
      startProgram({
        ...{ bin, args: ['-db', '-f', file], stdio: ['ignore', log, log], parentDeathSignal: 'TERM' },
        ...{ cwd: folder, env: serverEnv() },
      }),
    );
    return {
      ...running,
      ready: untilListening(running, [port, postgresPort], dataDir),
      stop: () => stopProgram(running, { signal: 'SIGTERM', graceMs: 5_000 }),
    };
  };
  return { id: name, launch };
}

async function untilListening(running: Running, ports: readonly number[], dataDir: string): Promise<void> {
  let how: string | undefined;
  void running.exited.then((reason) => {
    how = reason;
  });
  for (;;) {
    if (how !== undefined)
      throw new StartError(
        `HAProxy did not start (${how}); the end of its log:\n${lastLines(dataDir, name)}`,
      );
    if ((await Promise.all(ports.map(isListening))).every(Boolean)) return;
    await sleep(50);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
