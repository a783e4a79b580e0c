// What a run is told as: for people in lines, for programs in JSON.

import { writeFileSync } from 'node:fs';
import type { RowLockRates } from './limits/row-lock.ts';
import type { Taken } from './limits/taken.ts';
import type { Machine, ServerFacts } from './machine.ts';
import type { Measured } from './measure.ts';
import type { BenchOptions } from './options.ts';
import type { Replayed } from './replay.ts';

/** What stands beside a run: the same orders copied and added, and orders a second with row locks. */
export type Limits = { readonly copy: Taken; readonly xadd: Taken; readonly rowLock: RowLockRates };

export type Run = {
  readonly options: BenchOptions;
  readonly measured: Measured;
  readonly replayed: Replayed;
  readonly limits: Limits | null;
  readonly machine: Machine;
  readonly servers: ServerFacts;
};

/** Orders a second of each limit and alternative. */
function ratesOf({ options }: Run, { copy, xadd, rowLock }: Limits): Record<string, number> {
  return {
    copy: options.orders / copy.seconds,
    xadd: options.orders / xadd.seconds,
    rowLock: rowLock.statements,
    rowLockFunction: rowLock.function,
  };
}

/** Committed orders a second, as a multiple of each limit and alternative. */
function ratiosOf(run: Run): Record<string, number> | null {
  if (!run.limits) return null;
  const { committed } = run.measured.perSecond;
  const rates = Object.entries(ratesOf(run, run.limits));
  return Object.fromEntries(rates.map(([name, rate]) => [name, committed / rate]));
}

export function perMillion({ measured, options }: Run): Record<string, number> {
  const millions = options.orders / 1_000_000;
  const each = Object.entries(measured.cpuSeconds).map(([name, seconds]) => [name, seconds / millions]);
  const total = Object.values(measured.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0) / millions;
  return Object.fromEntries([['total', total], ...each]);
}

export function writeJson(file: string, run: Run, date: string): void {
  const { options, measured, replayed, limits, machine, servers } = run;
  const { accepted, matched, committed } = measured.perSecond;
  const { versions, configuration } = servers;
  const result = {
    ...{ date, orders: options.orders, seconds: measured.seconds },
    ...{ acceptedPerSecond: accepted, matchedPerSecond: matched, committedPerSecond: committed },
    cpuSecondsPerMillion: perMillion(run),
    ratios: ratiosOf(run),
    tradesSha256: replayed.tradesSha256,
    trades: replayed.trades,
    ...{ cancels: measured.sent.cancels, refusedBatches: measured.sent.refused },
    peakLag: { unmatched: measured.peakUnmatched, uncommitted: measured.peakUncommitted },
    cpuSeconds: measured.cpuSeconds,
    peakMemoryMegabytes: measured.peakMemoryMegabytes,
    limitsPerSecond: limits && ratesOf(run, limits),
    limitCpuSecondsPerMillion: limits && limitCosts(run, limits),
    ...{ options, machine, versions, configuration },
  };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

export const count = (n: number): string => Math.round(n).toLocaleString('en-US');

function row(name: string, text: string): string {
  return `  ${name.padEnd(18)}${text}`;
}

export function describeRun(run: Run): string {
  const { measured, replayed, options } = run;
  const { accepted, matched, committed } = measured.perSecond;
  const mode = options.async ? 'answered when on disk' : 'answered when matched';
  return [
    '',
    `${count(options.orders)} orders in ${measured.seconds.toFixed(2)} s, from the first request to the last commit (${mode})`,
    '',
    row('accepted', `${count(accepted)} a second`),
    row('matched', `${count(matched)} a second`),
    row('committed', `${count(committed)} a second`),
    row('trades', `${count(replayed.trades)}, each as a second book has it; sha256 ${replayed.tradesSha256}`),
    row('', `${count(replayed.resting)} orders rest; ${count(measured.sent.cancels)} cancels`),
    row(
      'peak lag',
      `${count(measured.peakUnmatched)} to match, ${count(measured.peakUncommitted)} to commit`,
    ),
    ...(measured.sent.refused > 0
      ? [row('backlog', `${measured.sent.refused} batches were sent again`)]
      : []),
    ...describeCosts(run),
    ...describeLimits(run),
    ...describeSetting(run),
    '',
  ].join('\n');
}

function describeCosts(run: Run): string[] {
  const each = perMillion(run);
  const memory = run.measured.peakMemoryMegabytes;
  const names = Object.keys(each);
  const width = 10;
  const line = (name: string, cell: (of: string) => string): string =>
    row(name, names.map((of) => cell(of).padStart(width)).join(''));
  return [
    '',
    line('', (of) => of),
    line('CPU s / million', (of) => each[of]!.toFixed(2)),
    line('peak memory MB', (of) => (memory[of] === undefined ? '' : String(memory[of]))),
  ];
}

/** CPU seconds of the server that a limit keeps at work. */
function limitCosts({ options }: Run, { copy, xadd }: Limits): { copy: number; xadd: number } {
  const millions = options.orders / 1_000_000;
  return { copy: copy.cpuSeconds / millions, xadd: xadd.cpuSeconds / millions };
}

function describeLimits(run: Run): string[] {
  const { limits } = run;
  const ratios = ratiosOf(run);
  if (!limits || !ratios) return [];
  const rates = ratesOf(run, limits);
  const costs = limitCosts(run, limits);
  const beside = (limit: string): string => {
    const ratio = ratios[limit]!;
    return `${count(rates[limit]!)} a second; committed is ${ratio.toFixed(ratio < 10 ? 2 : 1)} times that`;
  };
  return [
    '',
    row('COPY', `${beside('copy')} (${costs.copy.toFixed(2)} CPU s of PostgreSQL a million)`),
    row('XADD', `${beside('xadd')} (${costs.xadd.toFixed(2)} CPU s of Redis a million)`),
    row('row locks', beside('rowLock')),
    row('  in a function', beside('rowLockFunction')),
  ];
}

function describeSetting({ options, machine, servers }: Run): string[] {
  const { node, redis, postgres } = servers.versions;
  const { batch, connections, products, sizes, cancels, seed } = options;
  const mix = products.map(({ productId, weight }) => `${productId}:${weight}`).join(' ');
  const settings = Object.entries(servers.configuration).map(([name, value]) => `${name} ${value}`);
  return [
    '',
    row('machine', `${machine.cores} × ${machine.cpu}, ${machine.memoryGigabytes} GB, ${machine.kernel}`),
    row('', `load average ${machine.loadAverage} before the start`),
    row('versions', `Node ${node}, Redis ${redis}, PostgreSQL ${postgres}`),
    row('load', `batches of ${batch}, ${connections} connections, seed ${seed}, cancels ${cancels}`),
    row('', `sizes ${sizes.from} to ${sizes.to}, ${mix}`),
    row('configuration', settings.join(', ')),
  ];
}
