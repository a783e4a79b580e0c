// Plays what one trader with one token can send to stop everyone, and measures what another trader meets meanwhile.
//
// Why: nobody may stall another. Each row is an input that did, or is of its kind.
//
// Usage: npm run stress:one
//        npm run stress:one -- --resting 500000 --seconds 10
//        npm run stress:one -- --help

import { writeFileSync } from 'node:fs';
import { Option } from '@commander-js/extra-typings';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { jsonFile, whole } from './console/options.ts';
import { startTable } from './console/table.ts';
import { withExchange } from './lab/exchange.ts';
import { attacks } from './lab/stress/attacks.ts';
import { type AttackRow, bars, playAttacks, prepare } from './lab/stress/run.ts';

type Options = {
  readonly resting: number;
  readonly own: number;
  readonly done: number;
  readonly seconds: number;
  readonly only: readonly string[];
  readonly json?: string;
};

const names = Object.keys(attacks);

function attacksWith(text: string): string[] {
  const only = names.filter((name) => name.includes(text));
  if (only.length > 0) return only;
  throw new UsageError(`--only: no attack has "${text}" in its name.`);
}

function startRows(): (row: AttackRow) => void {
  const print = startTable({
    ...{ attack: -42, orders: 9, 'p50 ms': 9, 'p99 ms': 9 },
    ...{ errors: 9, 'api MiB': 9, 'Redis ms': 9, '': 9 },
  });
  return ({ attack, orders, p50, p99, errors, apiMemory, slowestScript, isMet }) => {
    const cells = [orders, Math.round(p50), Math.round(p99), errors, apiMemory, slowestScript].map(String);
    print([attack, ...cells, isMet ? '' : 'not met']);
  };
}

async function run(options: Options): Promise<void> {
  await withExchange(async (exchange) => {
    const { resting, own, json } = options;
    console.log(`${resting} orders rest, ${own} of the attacker in each of two products …`);
    await prepare(exchange, options);
    const rows = await playAttacks(exchange, { ...options, take: startRows() });
    const { p99, apiMemory, slowestScript } = bars;
    console.log(
      `Bars: p99 ${p99} ms, no error, ${apiMemory} MiB, ${slowestScript} ms for the slowest script.`,
    );
    if (json !== undefined) writeFileSync(json, JSON.stringify(rows));
  }, console.error);
}

await main(
  command(
    'npm run stress:one',
    'One trader attacks a private exchange while another places an order every 25 ms.',
  )
    .addOption(
      whole('--resting <n>', 'orders that rest in the book that is asked for', [1, 5_000_000]).default(
        500_000,
      ),
    )
    .addOption(
      whole('--own <n>', 'open orders of the attacker, in each of two products', [1, 1_000_000]).default(
        50_000,
      ),
    )
    .addOption(whole('--done <n>', 'done orders of the attacker', [1, 5_000_000]).default(500_000))
    .addOption(whole('--seconds <n>', 'length of each attack', [1, 600]).default(10))
    .addOption(
      new Option('--only <text>', 'attacks whose name has this text')
        .argParser(attacksWith)
        .default(names, 'all'),
    )
    .addOption(jsonFile())
    .addHelpText('after', `\nAttacks:\n${names.map((name) => `  ${name}`).join('\n')}`)
    .action(run),
);
