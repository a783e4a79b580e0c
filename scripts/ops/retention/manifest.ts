// What an export of a partition consists of: a file for each table, and a manifest that says what must be in them.

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Partition, partitionedTables } from '../../../sql/tables.ts';

const whole = z.number();
const exportedFile = z.object({
  table: z.enum(partitionedTables),
  /** Name of the file beside the manifest: gzip of CSV with a line of column names. */
  file: z.string(),
  rows: whole,
  columns: z.array(z.string()),
  first_sequence: whole.nullable(),
  last_sequence: whole.nullable(),
  bytes: whole,
  /** Of the file as it lies there, and of the text in it. */
  sha256: z.string(),
  text_sha256: z.string(),
});
export type ExportedFile = z.infer<typeof exportedFile>;

export const manifestSchema = z.object({
  from_sequence: whole,
  below_sequence: whole,
  newest: z.string(),
  files: z.array(exportedFile),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** The folder has an export of these sequences that is not of these rows. */
export class OtherExportError extends Error {
  constructor(folder: string, partition: Partition) {
    super(`${manifestFile(folder, partition)} is of another exchange; choose another folder`);
    this.name = 'OtherExportError';
  }
}

function manifestFile(folder: string, { from }: Partition): string {
  return join(folder, `${from}.manifest.json`);
}

export function readManifest(folder: string, partition: Partition): Manifest | null {
  const file = manifestFile(folder, partition);
  return existsSync(file) ? manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
}

/** Comes last and whole: a folder with a manifest has all the files that it names. */
export function writeManifest(folder: string, partition: Partition, manifest: Manifest): void {
  const file = manifestFile(folder, partition);
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  renameSync(`${file}.new`, file);
  syncFolder(folder);
}

/** A renamed file is there after a crash only once its folder is on disk as well. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

/** Whether two manifests tell of the same text; compression may differ between versions. */
export function sameText(a: Manifest, b: Manifest): boolean {
  const digests = ({ files }: Manifest): string => files.map(({ text_sha256 }) => text_sha256).join();
  return digests(a) === digests(b);
}
