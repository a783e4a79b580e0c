// What a run is told as: for people in lines, for programs in JSON.

import { writeFileSync } from 'node:fs';
import { count } from '../../console/figures.ts';
import type { CopyCost } from './copy-limit.ts';
import type { Machine, ServerFacts } from './machine.ts';
import type { Measured } from './measure.ts';
import type { BenchOptions } from './options.ts';
import type { Verified } from './verify.ts';

export type Run = {
  readonly options: BenchOptions;
  readonly measured: Measured;
  /** Messages that subscribers of the feed were sent; null without any. */
  readonly told: number | null;
  /** Each shard that there is. */
  readonly verified: readonly Verified[];
  readonly copy: CopyCost | null;
  readonly machine: Machine;
  readonly servers: ServerFacts;
  /** How the exchange was arranged, in words. */
  readonly arrangement: string;
};

type Limit = { readonly perSecond: number; readonly ratio: number; readonly cpuSecondsPerMillion: number };

/** COPY of the same rows, and committed orders a second as a share of it. */
function limitOf({ options, measured, copy }: Run): Limit | null {
  if (!copy) return null;
  const perSecond = options.orders / copy.seconds;
  const ratio = measured.perSecond.committed / perSecond;
  return { perSecond, ratio, cpuSecondsPerMillion: (copy.cpuSeconds / options.orders) * 1_000_000 };
}

export function perMillion({ measured, options }: Run): Record<string, number> {
  const millions = options.orders / 1_000_000;
  const each = Object.entries(measured.cpuSeconds).map(([name, seconds]) => [name, seconds / millions]);
  const total = Object.values(measured.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0) / millions;
  return Object.fromEntries([['total', total], ...each]);
}

/** In all without the servers that keep copies; null where there are none. */
export function withoutReplicas(run: Run): number | null {
  const { total, replicas, standby } = perMillion(run);
  return replicas === undefined ? null : total! - replicas - standby!;
}

export function writeJson(file: string, run: Run, date: string): void {
  const { options, measured, verified, machine, servers, arrangement } = run;
  const limit = limitOf(run);
  const { accepted, matched, committed } = measured.perSecond;
  const { versions, configuration } = servers;
  const result = {
    ...{ date, orders: options.orders, seconds: measured.seconds },
    ...{ acceptedPerSecond: accepted, matchedPerSecond: matched, committedPerSecond: committed },
    arrangement,
    cpuSecondsPerMillion: perMillion(run),
    cpuSecondsPerMillionWithoutReplicas: withoutReplicas(run),
    ratios: limit && { copy: limit.ratio },
    messagesTold: run.told,
    // Of the first shard.
    tradesSha256: verified[0]!.tradesSha256,
    trades: verified.reduce((sum, { trades }) => sum + trades, 0),
    shards: verified,
    ...{ cancels: measured.sent.cancels, refusedBatches: measured.sent.refused },
    peakLag: { unmatched: measured.peakUnmatched, uncommitted: measured.peakUncommitted },
    cpuSeconds: measured.cpuSeconds,
    peakMemoryMegabytes: measured.peakMemoryMegabytes,
    limitsPerSecond: limit && { copy: limit.perSecond },
    limitCpuSecondsPerMillion: limit && { copy: limit.cpuSecondsPerMillion },
    ...{ options, machine, versions, configuration },
  };
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(18)}${text}`;
}

export function describeRun(run: Run): string {
  const { measured, options, told } = run;
  const { accepted, matched, committed } = measured.perSecond;
  const mode = options.async ? 'answered when on disk' : 'answered when matched';
  return [
    '',
    `${count(options.orders)} orders in ${measured.seconds.toFixed(2)} s, from the first request to the last commit (${mode})`,
    '',
    row('accepted', `${count(accepted)} a second`),
    row('matched', `${count(matched)} a second`),
    row('committed', `${count(committed)} a second`),
    ...describeTrades(run),
    ...(told === null
      ? []
      : [row('feed', `${count(told)} messages to ${options.subscribers} on each product`)]),
    row(
      'peak lag',
      `${count(measured.peakUnmatched)} to match, ${count(measured.peakUncommitted)} to commit`,
    ),
    ...(measured.sent.refused > 0
      ? [row('backlog', `${measured.sent.refused} batches were sent again`)]
      : []),
    ...describeCosts(run),
    ...describeLimit(run),
    ...describeSetting(run),
    '',
  ].join('\n');
}

/** Of the shards that were traded on. */
function describeTrades({ verified, options, measured }: Run): string[] {
  const traded = verified.filter(({ shard }) => options.shards.includes(shard));
  const lines = traded.map(({ shard, trades, resting, tradesSha256 }) => {
    const of = traded.length > 1 ? ` of ${shard}` : '';
    return [
      row('trades', `${count(trades)}${of}, each as a second book has it; sha256 ${tradesSha256}`),
      row('', `${count(resting)} orders rest`),
    ];
  });
  return [...lines.flat(), row('cancels', count(measured.sent.cancels))];
}

function describeCosts(run: Run): string[] {
  const each = perMillion(run);
  const without = withoutReplicas(run);
  const memory = run.measured.peakMemoryMegabytes;
  const names = Object.keys(each);
  const width = 10;
  const line = (name: string, cell: (of: string) => string): string =>
    row(name, names.map((of) => cell(of).padStart(width)).join(''));
  return [
    '',
    line('', (of) => of),
    line('CPU s / million', (of) => each[of]!.toFixed(2)),
    ...(without === null ? [] : [row('', `${without.toFixed(2)} without replicas and standby`)]),
    line('peak memory MB', (of) => (memory[of] === undefined ? '' : String(memory[of]))),
  ];
}

function describeLimit(run: Run): string[] {
  const limit = limitOf(run);
  if (!limit) return [];
  const { perSecond, ratio, cpuSecondsPerMillion } = limit;
  const cost = `${cpuSecondsPerMillion.toFixed(2)} CPU s of PostgreSQL a million`;
  return [
    '',
    row('COPY', `${count(perSecond)} a second; committed is ${ratio.toFixed(2)} times that (${cost})`),
  ];
}

function describeSetting({ options, machine, servers, arrangement }: Run): string[] {
  const { node, redis, postgres } = servers.versions;
  const { batch, connections, products, sizes, cancels, seed } = options;
  const mix = products.map(({ productId, weight }) => `${productId}:${weight}`).join(' ');
  const settings = Object.entries(servers.configuration).map(([name, value]) => `${name} ${value}`);
  return [
    '',
    row('machine', `${machine.cores} × ${machine.cpu}, ${machine.memoryGigabytes} GB, ${machine.kernel}`),
    row('', `load average ${machine.loadAverage} before the start`),
    row('arrangement', `${arrangement}; shards ${options.shards.join(', ')}`),
    row('versions', `Node ${node}, Redis ${redis}, PostgreSQL ${postgres}`),
    row('load', `batches of ${batch}, ${connections} connections, seed ${seed}, cancels ${cancels}`),
    row('', `sizes ${sizes.from} to ${sizes.to}, ${mix}`),
    row('configuration', settings.join(', ')),
  ];
}
