// Lets simulated traders trade on a running exchange.
//
// Why: an empty market shows nothing. A few hundred traders make one that moves, by the public API alone.
//
// Usage: npm run demo                       on the exchange that npm start runs
//        npm run demo -- --seed 7 --rate 200

import { command, main } from './console/command.ts';
import { seedOf, whole } from './console/options.ts';
import { untilSignal } from './console/signals.ts';
import { type DemoOptions, runDemo, type Tally } from './lab/demo/run.ts';
import { findExchange } from './launcher/found.ts';

const showEveryMs = 5_000;

function tell({ placed, filled, rested, canceled, refused, lost }: Readonly<Tally>): string {
  return `${placed} orders: ${filled} traded at once, ${rested} rested, ${canceled} canceled, ${refused} refused, ${lost} without an answer`;
}

async function run(options: DemoOptions): Promise<void> {
  const { baseUrl, operator } = findExchange();
  const { seed, rate } = options;
  console.log(`Trading at ${baseUrl} with seed ${seed}, ${rate} orders a second. Ctrl-C stops it.`);
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

const says = `A few hundred simulated traders trade on the exchange that npm start runs, until Ctrl-C.
DATA_DIR says which exchange, as for npm start.`;

await main(
  command('npm run demo', says)
    .addOption(seedOf('decisions').default(1))
    .addOption(whole('--rate <n>', 'orders a second, over all products', [1, 5_000]).default(60))
    .addOption(whole('--traders <n>', 'how many take part', [1, 9_000]).default(300))
    .option('--products <list>', 'only these, as PIKACHU-USD,VIBRANIUM-USD', (text) => text.split(','))
    .addOption(whole('--seconds <n>', 'stop after so long', [1, 1e9]))
    .action(run),
  { failure: 'The demo ended' },
);
