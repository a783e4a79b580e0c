// Prints the section of CHANGELOG.md that belongs to a tag.
//
// Why: a release says what changed in the words of the changelog, and a tag that does not fit the version must not be released.
//
// Usage: sh scripts/node scripts/release-notes.ts v0.2.0

import { readFileSync } from 'node:fs';
import { releaseNotes } from './launcher/release-notes.ts';
import { projectRoot } from './launcher/servers/environment.ts';

const usage =
  'Usage: sh scripts/node scripts/release-notes.ts <tag>\n\nPrints the section of CHANGELOG.md that belongs to a tag such as v0.2.0.';
const tag = process.argv[2];

if (tag === undefined || tag === '--help') {
  console.log(usage);
  process.exitCode = tag === undefined ? 2 : 0;
} else {
  const read = (name: string): string => readFileSync(`${projectRoot}/${name}`, 'utf8');
  try {
    console.log(releaseNotes(tag, JSON.parse(read('package.json')).version, read('CHANGELOG.md')));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
