// Prints the section of CHANGELOG.md that belongs to a tag.
//
// Why: a release says what changed in the words of the changelog, and a tag that does not fit the version must not be released.
//
// Usage: sh scripts/node scripts/release-notes.ts v0.2.0

import { readFileSync } from 'node:fs';
import { command, main } from './console/command.ts';
import { releaseNotes } from './launcher/release-notes.ts';
import { projectRoot } from './launcher/servers/environment.ts';

const read = (name: string): string => readFileSync(`${projectRoot}/${name}`, 'utf8');

await main(
  command(
    'sh scripts/node scripts/release-notes.ts',
    'Prints the section of CHANGELOG.md that belongs to a tag.',
  )
    .usage('<tag>')
    .argument('<tag>', 'such as v0.2.0')
    .action((tag) =>
      console.log(releaseNotes(tag, JSON.parse(read('package.json')).version, read('CHANGELOG.md'))),
    ),
  { failure: 'There are no notes', refusal: 2 },
);
