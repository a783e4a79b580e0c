// Plays what one trader with one token can send to stop everyone, and measures what another trader meets meanwhile.
//
// Why: nobody may stall another. Each row is an input that did, or is of its kind.
//
// Usage: npm run stress:one
//        npm run stress:one -- --resting 500000 --seconds 10
//        npm run stress:one -- --help

import { writeFileSync } from 'node:fs';
import { withExchange } from './lab/bench/exchange.ts';
import { integer, parseWith, UsageError } from './lab/bench/options.ts';
import { attacks } from './lab/stress/attacks.ts';
import { type AttackRow, bars, playAttacks, prepare } from './lab/stress/run.ts';
import { StartError } from './launcher/servers/errors.ts';

const help = `Usage: npm run stress:one -- [options]

One trader attacks a private exchange while another places an order every 25 ms.

  --resting N    orders that rest in the book that is asked for         500000
  --own N        open orders of the attacker, in each of two products   50000
  --done N       done orders of the attacker                            500000
  --seconds N    length of each attack                                  10
  --only TEXT    attacks whose name has this text
  --json FILE    write the rows there as well
  --help

Attacks:
${Object.keys(attacks)
  .map((name) => `  ${name}`)
  .join('\n')}`;

function readOptions(args: readonly string[]) {
  const text = (byDefault: string) => ({ type: 'string', default: byDefault }) as const;
  const values = parseWith(args, {
    resting: text('500000'),
    own: text('50000'),
    done: text('500000'),
    seconds: text('10'),
    only: text(''),
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  const whole = (name: 'resting' | 'own' | 'done' | 'seconds', most: number): number =>
    integer(name, values[name] as string, 1, most);
  const only = Object.keys(attacks).filter((name) => name.includes(values.only as string));
  if (only.length === 0) throw new UsageError(`--only: no attack has "${values.only}" in its name.`);
  const sizes = {
    resting: whole('resting', 5_000_000),
    own: whole('own', 1_000_000),
    done: whole('done', 5_000_000),
  };
  return {
    ...sizes,
    only,
    seconds: whole('seconds', 600),
    json: values.json as string | undefined,
    help: values.help,
  };
}

function lineOf({ attack, orders, p50, p99, errors, apiMemory, slowestScript, isMet }: AttackRow): string {
  const cells = [orders, Math.round(p50), Math.round(p99), errors, apiMemory, slowestScript];
  return `${attack.padEnd(42)}${cells.map((cell) => String(cell).padStart(9)).join('')}  ${isMet ? '' : 'not met'}`;
}

const print = (line: string): void => console.log(line);

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) print(help);
  else
    await withExchange(async (exchange) => {
      print(`${options.resting} orders rest, ${options.own} of the attacker in each of two products …`);
      await prepare(exchange, options);
      const heads = ['orders', 'p50 ms', 'p99 ms', 'errors', 'api MiB', 'Redis ms'];
      print(`${'attack'.padEnd(42)}${heads.map((head) => head.padStart(9)).join('')}`);
      const take = (row: AttackRow): void => print(lineOf(row));
      const rows = await playAttacks(exchange, { ...options, take });
      print(
        `Bars: p99 ${bars.p99} ms, no error, ${bars.apiMemory} MiB, ${bars.slowestScript} ms for the slowest script.`,
      );
      if (options.json) writeFileSync(options.json, JSON.stringify(rows));
    }, print);
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StartError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
process.exit();
