// What became of a process somebody else started.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export type Life = {
  state: 'running' | 'zombie' | 'gone';
  command: string;
  /** Tells a process from a later one with the same number. */
  startedAt: string;
};

const gone: Life = { state: 'gone', command: '', startedAt: '' };
const hasProc = existsSync('/proc/self/stat');

function lifeFromProc(pid: number): Life {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    state: state === 'Z' || state === 'X' ? 'zombie' : 'running',
    command: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
    startedAt: rest[18] ?? '',
  };
}

const psLine = /^(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s*(.*)$/;

export function lifeFromPs(pid: number): Life {
  const args = ['-p', String(pid), '-o', 'stat=', '-o', 'lstart=', '-o', 'command='];
  const found = psLine.exec(execFileSync('ps', args, { encoding: 'utf8', env: { LC_ALL: 'C' } }).trim());
  if (!found) return gone;
  const [, state = '', startedAt = '', command = ''] = found;
  return { state: state.startsWith('Z') ? 'zombie' : 'running', command, startedAt };
}

export function lifeOf(pid: number): Life {
  if (!Number.isInteger(pid) || pid < 1) return gone;
  try {
    return hasProc ? lifeFromProc(pid) : lifeFromPs(pid);
  } catch {
    return gone;
  }
}

function worksIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
}

/** Live processes that work in this folder. Only Linux can tell; elsewhere none is named. */
export function processesIn(folder: string): number[] {
  if (!hasProc) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => worksIn(pid, folder));
}

/** Whether this number still is the server it was written down for, as far as the system tells. */
export function isServerAlive(pid: number, program: RegExp, folder: string): boolean {
  const { state, command } = lifeOf(pid);
  return state === 'running' && program.test(command) && (!hasProc || worksIn(pid, folder));
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended meanwhile, which is what the signal is for.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** True as soon as `condition` is; false when it was not within the time. */
export async function becomes(condition: () => boolean, withinMs: number): Promise<boolean> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) return false;
    await sleep(20);
  }
  return true;
}
