// What a run of npm run bench:products is told as.

import { count } from '../../../console/figures.ts';
import { linesOf } from '../../../console/table.ts';
import type { AtRest } from './at-rest.ts';
import type { ProductsRun } from './run.ts';

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;

export function describeProducts(run: ProductsRun): string {
  const { arrangement, products, added, offered, traded, tradedAgain, restartMs, tradedAfterMs, atRest } =
    run;
  const all = Object.values(products).reduce((sum, one) => sum + one, 0);
  const pairs = (values: Readonly<Record<string, string | number>>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? seconds(value) : value}`)
      .join(', ');
  return [
    '',
    `${count(all)} products over ${Object.keys(products).length} shards (${arrangement})`,
    '',
    `  announced        ${pairs(added.announcedMs)} after their rows were committed`,
    `  listed           ${seconds(added.listedMs)}, by every api`,
    `  orders           ${count(offered)} rest, one in each product; traded: ${pairs(traded)}`,
    `  ready again      ${pairs(restartMs)} after the launch of each`,
    `  traded again     ${seconds(tradedAfterMs)} after that: ${pairs(tradedAgain)}`,
    '',
    ...table('CPU at rest, % of a core', atRest, ({ cpuPercent }) => cpuPercent, 1),
    '',
    ...table('resident memory, MB', atRest, ({ memoryMegabytes }) => memoryMegabytes, 0),
    '',
  ].join('\n');
}

function table(
  title: string,
  atRest: ProductsRun['atRest'],
  figuresOf: (rest: AtRest) => Readonly<Record<string, number>>,
  digits: number,
): string[] {
  const names = Object.keys(figuresOf(atRest.before));
  const rows = Object.entries(atRest).map(([when, rest]) => [
    when,
    ...names.map((name) => figuresOf(rest)[name]!.toFixed(digits)),
  ]);
  return linesOf([[title, ...names], ...rows], [0]).map((line) => `  ${line}`);
}
