import { globSync, statSync } from 'node:fs';
import { projectRoot } from '../../launcher/servers/environment.ts';

/** What a browser loads of the page, in bytes by gzip, without fonts. */
export function gzippedSize(): number {
  const files = globSync('web/dist/**/*.gz', { cwd: projectRoot });
  return files.reduce((sum, path) => sum + statSync(`${projectRoot}/${path}`).size, 0);
}
