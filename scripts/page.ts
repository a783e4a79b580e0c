// Builds the trading page into web/dist, if it is missing or its sources have changed.
//
// Why: the api serves what is built; `npm start` does this by itself, a container image once.
//
// Usage: npm run page

import { buildPage } from './launcher/page.ts';

if (process.argv.includes('--help'))
  console.log('Usage: npm run page      builds web/dist if it is missing or stale');
else console.log((await buildPage()) ? 'The page is built: web/dist.' : 'The page is up to date: web/dist.');
