// One launcher per data folder, by a file that names its holder.

import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { StartError } from './errors.ts';
import { lifeOf } from './liveness.ts';

function myself(): string {
  return `${process.pid} ${lifeOf(process.pid).startedAt}\n`;
}

function readHolder(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** The number of the live process that the text names; undefined when it is dead or its number went to another. */
function liveHolder(holder: string): number | undefined {
  const [pid = '', startedAt = ''] = holder.trim().split(' ');
  const life = lifeOf(Number(pid));
  return life.state === 'running' && life.startedAt === startedAt ? Number(pid) : undefined;
}

/** Creating a link fails when the name exists, and the file appears with its whole content. */
function takeFree(file: string): boolean {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, myself());
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Another launcher may clear the same dead lock and take it meanwhile: what we moved away is looked at again. */
function clearDead(file: string, dead: string): void {
  const aside = `${file}.dead.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readHolder(aside) !== dead) linkSync(aside, file);
  } catch {
    // Gone, or back in place: the next attempt to take it tells.
  } finally {
    rmSync(aside, { force: true });
  }
}

const fileOf = (dataDir: string): string => `${dataDir}/launcher.pid`;

/** Whoever took it is gone, and did not give it back. */
export function isAbandoned(dataDir: string): boolean {
  const holder = readHolder(fileOf(dataDir));
  return holder !== undefined && liveHolder(holder) === undefined;
}

/** Takes the data folder for this process; the answer gives it back. */
export function lockDataDir(dataDir: string): () => void {
  const file = fileOf(dataDir);
  for (let attempt = 0; attempt < 5; attempt++) {
    if (takeFree(file)) return () => rmSync(file, { force: true });
    const holder = readHolder(file);
    if (holder === undefined) continue;
    const pid = liveHolder(holder);
    if (pid !== undefined) {
      throw new StartError(
        `Cardstock already runs with the data folder ${dataDir} (process ${pid}); stop it, or choose another folder: DATA_DIR=.data2 PORT=3001 npm start`,
      );
    }
    clearDead(file, holder);
  }
  throw new StartError(`Could not lock the data folder ${dataDir}; another copy is starting on it.`);
}
