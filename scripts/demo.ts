// Lets simulated traders trade on a running exchange.
//
// Why: an empty market shows nothing. A few hundred traders make one that moves, by the public API alone.
//
// Usage: npm run demo                       on the exchange that npm start runs
//        npm run demo -- --seed 7 --rate 200

import { demoHelp, readDemoOptions } from './lab/demo/options.ts';
import { runDemo, type Tally } from './lab/demo/run.ts';
import { readDemo } from './launcher/demo.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { untilSignal } from './launcher/until-signal.ts';

const showEveryMs = 5_000;

function tell({ placed, filled, rested, canceled, refused, lost }: Readonly<Tally>): string {
  return `${placed} orders: ${filled} traded at once, ${rested} rested, ${canceled} canceled, ${refused} refused, ${lost} without an answer`;
}

async function main(): Promise<void> {
  const options = readDemoOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(demoHelp);
    return;
  }
  const { dataDir } = readEnvironment();
  const exchange = readDemo(dataDir);
  if (!exchange)
    throw new Error(`no exchange runs in ${dataDir}; start one by npm start, or say another DATA_DIR`);
  const { baseUrl, operator } = exchange;
  console.log(
    `Trading at ${baseUrl} with seed ${options.seed}, ${options.rate} orders a second. Ctrl-C stops it.`,
  );
  const startedAt = performance.now();
  let shownAt = startedAt;
  const tally = await runDemo({ baseUrl, operatorToken: operator.token }, options, untilSignal(), (soFar) => {
    if (performance.now() - shownAt < showEveryMs) return;
    shownAt = performance.now();
    console.log(tell(soFar));
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `\n${tell(tally)}; ${Math.round(tally.placed / seconds)} orders a second for ${Math.round(seconds)} seconds.`,
  );
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
