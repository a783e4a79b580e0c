// Builds the trading page from web/ when it is missing or its sources have changed.

import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { projectRoot } from './servers/environment.ts';

const web = `${projectRoot}/web`;
const stamp = `${web}/dist/.sources`;
const sources = [
  'web/{index.html,vite.config.ts,package.json}',
  'web/{src,public}/**/*.*',
  'clients/typescript/src/*.ts',
  'package-lock.json',
];

/** By content: a checkout changes the times of files, and not what they say. */
function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const path of globSync(sources, { cwd: projectRoot }).sort())
    hash.update(`${path}\n`).update(readFileSync(`${projectRoot}/${path}`));
  return hash.digest('hex');
}

function builtHash(): string | null {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return null;
  }
}

/** True if it had to be built. */
export async function buildPage(): Promise<boolean> {
  const hash = sourcesHash();
  if (builtHash() === hash) return false;
  const { build } = await import('vite');
  await build({ root: web, logLevel: 'warn', build: { emptyOutDir: true } });
  await compressAssets();
  // Last: a build that was interrupted has none.
  writeFileSync(stamp, hash);
  return true;
}

const [asBrotli, asGzip] = [promisify(brotliCompress), promisify(gzip)];

/** Once, and as small as it gets; the server chooses by what a browser takes. */
async function compressAssets(): Promise<void> {
  const texts = globSync('dist/**/*.{html,js,css,svg}', { cwd: web });
  await Promise.all(
    texts.map(async (path) => {
      const content = readFileSync(`${web}/${path}`);
      writeFileSync(`${web}/${path}.br`, await asBrotli(content));
      writeFileSync(`${web}/${path}.gz`, await asGzip(content, { level: 9 }));
    }),
  );
}
