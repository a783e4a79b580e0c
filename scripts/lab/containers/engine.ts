// Docker and Compose: those of the machine, or, for root where only the programs are installed, a daemon of our own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PlainError } from '../../console/errors.ts';
import { findProgram } from '../../launcher/servers/find.ts';
import { run, type Shell } from './commands.ts';

export type Engine = {
  readonly docker: (args: readonly string[], input?: string) => Promise<string>;
  readonly compose: (args: readonly string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
};

/** Why there is no engine, in a sentence. */
export class NoEngine extends PlainError {
  override readonly exitCode = 2;
}

export async function openEngine(shell: Shell, folder: string): Promise<Engine> {
  const docker = findDocker();
  const asked = shell;
  const answers = () =>
    run(asked, docker, ['info']).then(
      () => true,
      () => false,
    );
  const own = (await answers()) ? undefined : startDaemon(asked, folder);
  for (let i = 0; own && !(await answers()); i++) {
    if (i === 60 || own.exitCode !== null)
      throw new NoEngine(`dockerd does not answer; ${folder}/dockerd.log says more.`);
    await sleep(500);
  }
  const compose = await findCompose(asked, docker);
  return {
    docker: (args, input) => run(asked, docker, args, input),
    compose: (args) => run(asked, compose[0]!, [...compose.slice(1), ...args]),
    stop: async () => {
      if (!own || own.exitCode !== null) return;
      own.kill('SIGTERM');
      await once(own, 'exit');
    },
  };
}

/** Debian's is in /usr/bin; an earlier one on the path may be of something else. */
function findDocker(): string {
  const docker = findProgram('docker');
  if (!docker) throw new NoEngine('There is no docker on PATH (Debian: docker.io, docker-compose).');
  return findProgram('dockerd') && docker !== '/usr/bin/docker' ? '/usr/bin/docker' : docker;
}

/** Its containers and images go with the folder. */
function startDaemon(shell: Shell, folder: string): ChildProcess {
  const dockerd = findProgram('dockerd') ?? '/usr/sbin/dockerd';
  if (process.getuid?.() !== 0 || !findProgram('dockerd'))
    throw new NoEngine('No Docker daemon answers, and to start one takes root and dockerd.');
  const host = `unix://${folder}/docker.sock`;
  shell.env.DOCKER_HOST = host;
  const log = openSync(`${folder}/dockerd.log`, 'a');
  const places = [
    '--data-root',
    `${folder}/data`,
    '--exec-root',
    `${folder}/exec`,
    '--pidfile',
    `${folder}/pid`,
  ];
  return spawn(dockerd, ['--host', host, ...places], { stdio: ['ignore', log, log] });
}

async function findCompose(shell: Shell, docker: string): Promise<readonly string[]> {
  const hasPlugin = await run(shell, docker, ['compose', 'version']).then(
    () => true,
    () => false,
  );
  if (hasPlugin) return [docker, 'compose'];
  const old = findProgram('docker-compose');
  if (old) return [old];
  throw new NoEngine('There is neither the plugin docker compose nor docker-compose.');
}
