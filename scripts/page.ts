// Builds the trading page into web/dist, if it is missing or its sources have changed.
//
// Why: the api serves what is built; `npm start` does this by itself, a container image once.
//
// Usage: npm run page

import { command, main } from './console/command.ts';
import { buildPage } from './launcher/page.ts';

await main(
  command('npm run page', 'Builds web/dist, if it is missing or its sources have changed.').action(
    async () => {
      console.log((await buildPage()) ? 'The page is built: web/dist.' : 'The page is up to date: web/dist.');
    },
  ),
);
