// Measures how long single runs of the matching script keep Redis from answering others.
//
// Why: Redis does one thing at a time. A run ends after so many steps, and the steps are counted so that no shape of commands makes a
// run much longer than another.
//
// Usage: npm run bench:runs
//        npm run bench:runs -- --steps 20000 --only stop
//        npm run bench:runs -- --help

import { Option } from '@commander-js/extra-typings';
import { readConfig } from '../core/config.ts';
import { usualRunSteps } from '../matcher/client.ts';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { count } from './console/figures.ts';
import { whole } from './console/options.ts';
import { startTable } from './console/table.ts';
import { describeMachine, machineLine } from './lab/bench/machine.ts';
import { measureRuns } from './lab/runs/measure.ts';
import { shapes } from './lab/runs/worst.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import { withNamespace } from './ops/replay/namespace.ts';

type Options = { readonly steps: number; readonly only: readonly string[] };

const names = Object.keys(shapes);

function shapesWith(text: string): string[] {
  const only = names.filter((name) => name.includes(text));
  if (only.length > 0) return only;
  throw new UsageError(`--only: no shape has "${text}" in its name.`);
}

async function run({ steps, only }: Options): Promise<void> {
  const machine = describeMachine();
  const print = startTable({
    ...{ commands: -40, runs: 6, 'most steps': 12, 'CPU ms': 9, 'a run': 8 },
    ...{ 'the longest': 13, 'longest PING': 14 },
  });
  const alone = { shard: 'runs', redisUrl: null, environment: readEnvironment() };
  await withNamespace({ ...alone, needsDatabase: false, resume: false }, async ({ redis }) => {
    for (const name of only) {
      const row = await measureRuns(redis, shapes[name]!(), { size: readConfig().runSize, steps });
      const times = [row.cpu, row.meanCpu, row.mostCpu, row.longestPing].map((ms) => ms.toFixed(1));
      print([name, count(row.runs), count(row.mostSteps), ...times]);
    }
  });
  console.log(machineLine(machine));
}

await main(
  command('npm run bench:runs', 'Plays what makes the longest runs on a private Redis.')
    .addOption(whole('--steps <n>', 'steps after which a run ends', [1, 1_000_000]).default(usualRunSteps))
    .addOption(
      new Option('--only <text>', 'shapes whose name has this text')
        .argParser(shapesWith)
        .default(names, 'all'),
    )
    .addHelpText('after', `\nShapes:\n${names.map((name) => `  ${name}`).join('\n')}`)
    .action(run),
);
