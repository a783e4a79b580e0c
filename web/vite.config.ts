import { defineConfig } from 'vite';

/** Where `npm run dev -w web` finds an exchange. */
const exchange = 'http://127.0.0.1:3000';
const apiPaths =
  '^/(products|orders|accounts|fills|fees|positions|profiles|currencies|time|traders|sessions|api-keys|deposits|withdrawals|transfers|health|metrics|operator|demo|messages|links|page|s)(/|$|\\?)';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Not `development` either where NODE_ENV is something else, as in tests: its charts are 13 kB larger, gzipped.
  resolve: { conditions: ['source', 'module', 'browser', 'production'] },
  build: {
    target: 'es2023',
    // A strict policy for content knows no inline scripts and no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    proxy: { [apiPaths]: exchange, '/feed': { target: exchange, ws: true } },
  },
});
