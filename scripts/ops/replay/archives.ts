// Archived partitions, taken into a database of their own, so that they are read as the ones that never left.

import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type DatabasePool, sql } from 'slonik';
import { z } from 'zod';
import { createLog } from '../../../core/log.ts';
import { migrate } from '../../../sql/migrate.ts';
import { openPool } from '../../../sql/pool.ts';
import { type Partition, partitioned, partitionName } from '../../../sql/tables.ts';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { PlainError } from '../../console/errors.ts';
import { readBack } from '../retention/export.ts';
import { type ExportedFile, type Manifest, manifestSchema } from '../retention/manifest.ts';
import { InterruptedError } from './namespace.ts';
import type { Part, Range } from './recorded.ts';

/** A partition that left, and what its files must hold by PostgreSQL's own word. */
export type Archive = Partition & { readonly manifest: Manifest };

const archiveRow = z.object({ from: z.number(), below: z.number(), manifest: manifestSchema });

/** Those that a replay of the recorded sequences needs, in their order. */
export function findArchives(pool: DatabasePool, { first, last }: Range): Promise<readonly Archive[]> {
  return pool.any(sql.type(archiveRow)`
    select from_sequence as "from", below_sequence as "below", manifest from archives
    where from_sequence between ${first} and ${last} order by from_sequence`);
}

/** Rows that a replay needs are in files that it was not given. */
export class ArchivesNeededError extends PlainError {
  override readonly exitCode = 2;
  readonly archives: readonly Archive[];
  constructor(archives: readonly Archive[], folder: string | null) {
    const where =
      folder === null
        ? 'Say --archives DIR with the folder that has their files:'
        : `Not all of their files are in ${folder}:`;
    const head = `PostgreSQL has exported these sequences and holds them no more. ${where}`;
    super([head, ...archives.map(lineOf)].join('\n'));
    this.name = 'ArchivesNeededError';
    this.archives = archives;
  }
}

function lineOf(archive: Archive): string {
  const files = filesOf(archive).map(({ file }) => file);
  return `  ${archive.from} to ${archive.below - 1}: ${files.join(', ')}`;
}

/** A file is not the one that was exported. */
export class OtherArchiveError extends Error {
  constructor(path: string) {
    super(`${path} is not the file that was exported: it has another SHA-256 than PostgreSQL remembers`);
    this.name = 'OtherArchiveError';
  }
}

type Databases = { readonly live: DatabasePool; readonly archived: DatabasePool };

/** All of the sequence in its order: what archives hold, and between and after them what never left. */
export function partsOf(
  { first, last }: Range,
  archives: readonly Partition[],
  { live, archived }: Databases,
): Part[] {
  const parts: Part[] = [];
  let next = first;
  for (const { from, below } of archives) {
    parts.push({ pool: live, first: next, last: from - 1 });
    parts.push({ pool: archived, first: from, last: below - 1 });
    next = below;
  }
  parts.push({ pool: live, first: next, last });
  return parts;
}

function filesOf({ manifest }: Archive): readonly ExportedFile[] {
  return manifest.files.filter(({ table }) => partitioned[table].isReplayed);
}

/** Throws `ArchivesNeededError` unless the folder has them all. */
export function assertPresent(archives: readonly Archive[], folder: string | null): void {
  const isPresent = ({ file }: ExportedFile): boolean => folder !== null && existsSync(join(folder, file));
  const absent = archives.filter((archive) => !filesOf(archive).every(isPresent));
  if (absent.length > 0) throw new ArchivesNeededError(absent, folder);
}

export type TakingIn = {
  /** A private database; what an interrupted replay took in stays if it is resumed. */
  readonly databaseUrl: string;
  readonly folder: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  /** Told the name of each file before it is read. */
  readonly say: (file: string) => void;
};

/** Apart from whatever else a database may have. */
const schema = 'archived';

/** Takes the archives in, and opens the database that has them then. Throws `OtherArchiveError` or `InterruptedError`. */
export async function takeIn(archives: readonly Archive[], taking: TakingIn): Promise<DatabasePool> {
  const url = privateUrl(taking.databaseUrl);
  await withPostgres(url, async (client) => {
    if (!taking.resume) await client.query(`drop schema if exists ${schema} cascade`);
    await migrate(url);
    for (const index of indexesOfReads) await client.query(`drop index if exists ${index}`);
    for (const archive of archives) await takeInPartition(client, archive, taking);
    await client.query('vacuum analyze');
  });
  return openPool(url, createLog('replay', 'silent'), { maxPoolSize: 2, statementTimeout: 600_000 });
}

/** What the shell says to clients by PGSSLMODE and PGOPTIONS is meant for the server of DATABASE_URL, which may be another one. */
function privateUrl(databaseUrl: string): string {
  return `${databaseUrl}?sslmode=disable&options=-c%20search_path%3D${schema}`;
}

/** Those that only the api needs cost more than the rows. */
const indexesOfReads = [
  ...['orders_by_trader', 'orders_open', 'orders_rejected'],
  ...['trades_by_maker', 'trades_by_taker', 'trades_by_time'],
];

/** Whole or not at all, so that a replay that is resumed finds what it needs not take in again. */
async function takeInPartition(client: Client, archive: Archive, taking: TakingIn): Promise<void> {
  const { from, below } = archive;
  if (taking.signal.aborted) throw new InterruptedError(from - 1);
  const { rowCount } = await client.query('select from partitions where from_sequence = $1', [from]);
  if (rowCount === 1) return;
  await client.query('begin');
  await client.query('select add_partition($1, $2)', [from, below]);
  for (const file of filesOf(archive)) await takeInFile(client, { archive, file }, taking);
  await client.query('commit');
}

type ArchivedFile = { readonly archive: Archive; readonly file: ExportedFile };

async function takeInFile(
  client: Client,
  { archive, file: { table, file, columns, sha256 } }: ArchivedFile,
  { folder, say }: TakingIn,
): Promise<void> {
  say(file);
  const path = join(folder, file);
  if ((await readBack(path)).sha256 !== sha256) throw new OtherArchiveError(path);
  const into = `${partitionName(table, archive)} (${columns.join()})`;
  const copy = client.query(copyFrom(`copy ${into} from stdin (format csv, header)`));
  await pipeline(createReadStream(path), createGunzip(), copy);
}
