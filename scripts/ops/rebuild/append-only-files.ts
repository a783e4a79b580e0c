// Looks for accepted commands in the append-only files of a Redis that was lost.

import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { shardKeys } from '../../../core/keys.ts';
import { createRespReader, DamagedFileError } from './resp.ts';

export type Scan = {
  /** The commands after the checkpoint, by sequence, in order. */
  readonly found: Map<number, string>;
  /** What a person should know of the files. */
  readonly notes: readonly string[];
};

const chunkSize = 4 * 2 ** 20;
/** XADD, key, id, field, value: how `submit.lua` adds commands, and how a rewritten file keeps them. */
const wordsOfXadd = 5;

/** `path` is a file, Redis' `appendonlydir`, or the folder that holds it. */
export async function scanAppendOnlyFiles(path: string, shard: string, checkpoint: number): Promise<Scan> {
  const notes: string[] = [];
  const lines = new Map<number, string>();
  const stream = Buffer.from(shardKeys(shard).commands);
  const take = ([verb, key, id, , text]: readonly Buffer[]): void => {
    if (!key!.equals(stream) || verb!.toString().toUpperCase() !== 'XADD') return;
    let sequence = Number(id!.toString().slice(2));
    for (const line of text!.toString().split('\n')) {
      if (sequence > checkpoint) lines.set(sequence, line);
      sequence += 1;
    }
  };
  for (const file of filesIn(path)) {
    if (isSnapshot(file)) {
      notes.push(
        `${basename(file)} is a snapshot and was not read: what was accepted before it was made is in PostgreSQL, or in it alone.`,
      );
    } else notes.push(...(await scanFile(file, take)));
  }
  return { found: new Map([...lines].sort(([a], [b]) => a - b)), notes };
}

async function scanFile(file: string, take: (command: readonly Buffer[]) => void): Promise<string[]> {
  const reader = createRespReader(wordsOfXadd, take);
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkSize }))
      reader.push(chunk as Buffer);
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    return [`${basename(file)} is ${error.message}; what comes after that was not read.`];
  }
  const torn = reader.unfinished();
  return torn === 0 ? [] : [`${basename(file)} ends in the middle of a command (${torn} bytes).`];
}

/** In the order in which they were written. The manifest says which belong together; without it their names do. */
function filesIn(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const folder = existsSync(join(path, 'appendonlydir')) ? join(path, 'appendonlydir') : path;
  const names = readdirSync(folder);
  const manifest = names.find((name) => name.endsWith('.manifest'));
  const listed = manifest === undefined ? namesAlone(names) : listedIn(join(folder, manifest));
  const files = listed.map((name) => join(folder, name)).filter(existsSync);
  if (files.length === 0) throw new Error(`${path} has no append-only files`);
  return files;
}

function listedIn(manifest: string): string[] {
  const rows = [...readFileSync(manifest, 'utf8').matchAll(/^file (\S+) seq (\d+) type ([bi])/gm)];
  const order = (type: string, seq: string): number => (type === 'b' ? -1 : Number(seq));
  return rows
    .sort((a, b) => order(a[3]!, a[2]!) - order(b[3]!, b[2]!))
    .map(([, name]) => name!.replaceAll('"', ''));
}

function namesAlone(names: readonly string[]): string[] {
  const numbered = names.flatMap((name) => {
    const [, number, kind] = /\.(\d+)\.(base|incr)\.(?:aof|rdb)$/.exec(name) ?? [];
    return number === undefined ? [] : [{ name, number: Number(number), isBase: kind === 'base' }];
  });
  return numbered
    .sort((a, b) => Number(b.isBase) - Number(a.isBase) || a.number - b.number)
    .map(({ name }) => name);
}

/** A base file is in the form of a snapshot, unless Redis was told otherwise. */
function isSnapshot(file: string): boolean {
  const start = Buffer.alloc(5);
  const fd = openSync(file, 'r');
  readSync(fd, start);
  closeSync(fd);
  return ['REDIS', 'VALKE'].includes(start.toString());
}
