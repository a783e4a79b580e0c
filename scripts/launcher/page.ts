// Builds the trading page from web/ when it is missing or its sources have changed.

import { createHash } from 'node:crypto';
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { projectRoot } from './servers/environment.ts';

const web = `${projectRoot}/web`;
const built = `${web}/dist`;
const stampName = '.sources';
const sources = [
  'web/{index.html,vite.config.ts,package.json}',
  'web/{src,public}/**/*.*',
  'clients/typescript/src/**/*.ts',
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
    return readFileSync(`${built}/${stampName}`, 'utf8');
  } catch {
    return null;
  }
}

/** True if it had to be built. Beside the last page, and then put in its place: two may build at once, and one interrupted leaves that. */
export async function buildPage(): Promise<boolean> {
  const hash = sourcesHash();
  if (builtHash() === hash) return false;
  const { build } = await import('vite');
  const outDir = `${built}.${process.pid}`;
  try {
    await build({ root: web, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
    await compressAssets(outDir);
    writeFileSync(`${outDir}/${stampName}`, hash);
    if (builtHash() === hash) return true;
    rmSync(built, { recursive: true, force: true });
    renameSync(outDir, built);
    return true;
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

const [asBrotli, asGzip] = [promisify(brotliCompress), promisify(gzip)];

/** Once, and as small as it gets; the server chooses by what a browser takes. */
async function compressAssets(folder: string): Promise<void> {
  const texts = globSync('**/*.{html,js,css,svg}', { cwd: folder });
  await Promise.all(
    texts.map(async (path) => {
      const content = readFileSync(`${folder}/${path}`);
      writeFileSync(`${folder}/${path}.br`, await asBrotli(content));
      writeFileSync(`${folder}/${path}.gz`, await asGzip(content, { level: 9 }));
    }),
  );
}
