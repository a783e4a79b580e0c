// Writes a partition of a table to a file, as PostgreSQL itself puts it: `\copy <table> from` takes it back in.

import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Partition, type PartitionedTable, partitioned, partitionName } from '../../../sql/tables.ts';
import type { ExportedFile } from './manifest.ts';

/**
 * Exports what a partition of a table holds under the file's name and `.new`, and reads it back. Throws
 * `UnreadableExportError` if that is not the same.
 */
export async function exportTable(
  client: Client,
  folder: string,
  { table, partition }: { table: PartitionedTable; partition: Partition },
): Promise<ExportedFile> {
  const name = partitionName(table, partition);
  const { sequence, order } = partitioned[table];
  const file = `${name}.csv.gz`;
  const path = join(folder, `${file}.new`);
  const copied = client.query(
    copyTo(`copy (select * from "${name}" order by ${order}) to stdout (format csv, header)`),
  );
  const text = createHash('sha256');
  await pipeline(copied, hashing(text), createGzip(), createWriteStream(path, { flush: true }));
  const rows = copied.rowCount;
  const textDigest = text.digest('hex');
  const { sha256, ...found } = await readBack(path);
  if (found.rows !== rows || found.textDigest !== textDigest) throw new UnreadableExportError(path);
  const { rows: bounds } = await client.query({
    text: `select min(${sequence})::float8, max(${sequence})::float8 from "${name}"`,
    rowMode: 'array',
  });
  const [first, last] = bounds[0] as [number | null, number | null];
  return {
    ...{ table, file, rows, columns: found.columns, first_sequence: first, last_sequence: last },
    ...{ bytes: statSync(path).size, sha256, text_sha256: textDigest },
  };
}

/** What was written is not what can be read. */
export class UnreadableExportError extends Error {
  constructor(path: string) {
    super(`${path} cannot be read back as it was written; is the disk full or failing?`);
    this.name = 'UnreadableExportError';
  }
}

type ReadBack = { sha256: string; textDigest: string; rows: number; columns: string[] };

/** Reads a whole export from disk. */
export async function readBack(path: string): Promise<ReadBack> {
  const [file, text] = [createHash('sha256'), createHash('sha256')];
  const counter = createRowCounter();
  await pipeline(
    createReadStream(path),
    hashing(file),
    createGunzip(),
    hashing(text),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) counter.push(chunk);
    },
  );
  return {
    sha256: file.digest('hex'),
    textDigest: text.digest('hex'),
    rows: counter.rows(),
    columns: counter.header().split(','),
  };
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

const [quote, newline] = ['"', '\n'].map((character) => character.charCodeAt(0));

/** Counts the rows of CSV; a line may end within a quoted value, where it ends none. */
function createRowCounter() {
  let [lines, isQuoted, header] = [0, false, ''];
  return {
    push: (chunk: Buffer): void => {
      for (let i = 0; i < chunk.length; i++) {
        if (chunk[i] === quote) isQuoted = !isQuoted;
        else if (chunk[i] === newline && !isQuoted) lines += 1;
      }
      if (!header.includes('\n')) header += chunk.toString('latin1').slice(0, 10_000);
    },
    rows: () => lines - 1,
    header: () => header.slice(0, header.indexOf('\n')),
  };
}
