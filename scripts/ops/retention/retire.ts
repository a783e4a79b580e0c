// Takes partitions out of PostgreSQL, each only after its export was written, read back and put in place.

import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import { type CommonQueryMethods, sql } from 'slonik';
import { z } from 'zod';
import { type Partition, partitionedTables } from '../../../sql/tables.ts';
import { detachPartition, dropDetached } from './detach.ts';
import { exportTable, readBack, UnreadableExportError } from './export.ts';
import {
  type ExportedFile,
  type Manifest,
  manifestSchema,
  OtherExportError,
  readManifest,
  sameText,
  writeManifest,
} from './manifest.ts';
import type { Verdict } from './partitions.ts';

export type Retirement = {
  readonly client: Client;
  readonly folder: string;
  readonly drop: boolean;
  readonly say: (line: string) => void;
};

/** Exports a partition and detaches it. Run again after an interruption, it does what is left to do. */
export async function retire(retirement: Retirement, partition: Verdict): Promise<void> {
  const { client, folder, drop, say } = retirement;
  mkdirSync(folder, { recursive: true });
  await client.query(`set timezone = 'UTC'`); // the same rows are the same text
  const files: ExportedFile[] = [];
  for (const table of partitionedTables) {
    const file = await exportTable(client, folder, { table, partition });
    say(`  ${file.file}: ${file.rows.toLocaleString('en')} rows, ${file.bytes.toLocaleString('en')} bytes`);
    files.push(file);
  }
  const manifest: Manifest = {
    from_sequence: partition.from,
    below_sequence: partition.below,
    newest: new Date(partition.newest).toISOString(),
    files,
  };
  putInPlace(folder, partition, manifest);
  await detachPartition(client, partition, { manifest, drop });
  say(`  ${drop ? 'dropped' : 'detached'}`);
}

function putInPlace(folder: string, partition: Partition, manifest: Manifest): void {
  const before = readManifest(folder, partition);
  const names = manifest.files.map(({ file }) => join(folder, file));
  if (before !== null && !sameText(before, manifest)) {
    for (const name of names) rmSync(`${name}.new`);
    throw new OtherExportError(folder, partition);
  }
  for (const name of names) renameSync(`${name}.new`, name);
  writeManifest(folder, partition, manifest);
}

const archiveRow = z.object({ from: z.number(), below: z.number(), manifest: manifestSchema });

/** Drops the tables that earlier runs detached, after another look at their files. Returns how many partitions that were. */
export async function dropRetired(pool: CommonQueryMethods, retirement: Retirement): Promise<number> {
  const rows = await pool.any(sql.type(archiveRow)`
    select from_sequence as from, below_sequence as below, manifest from archives
    where to_regclass('orders_' || from_sequence) is not null order by from_sequence`);
  for (const { manifest, ...partition } of rows) {
    await assertExported(retirement.folder, manifest);
    await dropDetached(retirement.client, partition);
    retirement.say(`${partition.from} to ${partition.below - 1}: detached before, dropped now`);
  }
  return rows.length;
}

async function assertExported(folder: string, { files }: Manifest): Promise<void> {
  for (const { file, sha256 } of files) {
    const path = join(folder, file);
    const found = await readBack(path);
    if (found.sha256 !== sha256) throw new UnreadableExportError(path);
  }
}
