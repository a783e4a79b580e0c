// A folder for servers that nobody needs afterwards.

import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Short and passable: Unix sockets have short paths, and as root PostgreSQL runs as another user. */
export function makeTemporaryFolder(name: string): string {
  const folder = mkdtempSync(`${tmpdir()}/cardstock-${name}-`);
  if (process.getuid?.() === 0) chmodSync(folder, 0o711);
  return folder;
}
