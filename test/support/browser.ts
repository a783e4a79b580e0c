import { hasBrowser } from '../../scripts/lab/browser/chromium.ts';

/** Tests in a browser are left out, each by its title, where there is none. */
if (!hasBrowser)
  process.stdout.write(
    'There is no Chromium here, so the tests of the page are left out: apt-get install chromium\n',
  );

export { hasBrowser };
