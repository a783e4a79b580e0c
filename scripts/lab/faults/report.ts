// The result of a run of faults, for people and for programs.

import { writeFileSync } from 'node:fs';
import { count } from '../../console/figures.ts';
import { linesOf } from '../../console/table.ts';
import type { Finding } from './findings.ts';
import type { FaultsOptions } from './options.ts';
import type { Proof } from './prove.ts';
import { isClean, type RunResult } from './run.ts';

export function isSound({ findings, stuck, proofs }: RunResult): boolean {
  return isClean(findings) && stuck === null && proofs.length > 0 && proofs.every(holds);
}

export function holds({ auditPasses, replayed }: Proof): boolean {
  return auditPasses && replayed !== null;
}

const header = ['fault', 'times', 'answered', 'lost', 'doubled', 'contradicted', 'no answer', 'not written'];

export function describeFaults(result: RunResult, { seed }: FaultsOptions): string {
  const { findings, answering, writing, stuck, proofs } = result;
  const times = sum(Object.values(result.faults));
  const total = [
    ...['all', count(times), count(result.answered)],
    ...Object.values(findings).map(({ length }) => String(length)),
    ...[answering, writing].map(({ longestMs }) => duration(longestMs())),
  ];
  return [
    `${count(times)} faults in ${duration(result.seconds * 1_000)}, seed ${seed}: ${count(result.sent.length)} requests, ${count(result.answered)} orders answered.`,
    '',
    ...linesOf([header, ...rowsOf(result), total], [0]),
    '',
    'The last two are the longest times in which no order was answered positively, and PostgreSQL had no more of them.',
    ...Object.entries(result.skipped).map(([kind, needs]) => `${kind} was left out: it needs ${needs}.`),
    ...Object.entries(result.missed).map(
      ([kind, times]) => `${kind} did not come to its point ${times} times, in the time it waits.`,
    ),
    `${count(result.uncrossed.auctions)} auctions ended with ${count(result.uncrossed.trades)} trades.`,
    ...result.ownEnds.map((end) => `${end}; it was started again.`),
    ...Object.entries(findings).flatMap(([name, list]) => describeFindings(name, list)),
    ...(stuck === null ? [] : [`It got stuck: ${stuck}.`]),
    ...proofs.flatMap(describeProof),
    isSound(result) ? 'Nothing is lost, doubled or contradicted.' : 'It does not hold.',
  ].join('\n');
}

function rowsOf({ faults, findings, answering, writing }: RunResult): string[][] {
  return Object.keys(faults)
    .sort()
    .map((kind) => {
      const { answered, longestMs } = answering.of(kind);
      const unwritten = duration(writing.of(kind).longestMs);
      const found = Object.values(findings).map((list) => countOf(kind, list));
      return [
        kind,
        count(faults[kind]!),
        count(answered),
        ...found.map(String),
        duration(longestMs),
        unwritten,
      ];
    });
}

function countOf(kind: string, list: readonly Finding[]): number {
  return list.filter(({ during }) => during === kind).length;
}

const mostShown = 20;

export function describeFindings(name: string, list: readonly Finding[]): string[] {
  const shown = list.slice(0, mostShown).map(({ during, says }) => `${name}, ${during}: ${says}`);
  return list.length > mostShown ? [...shown, `and ${list.length - mostShown} more ${name}`] : shown;
}

export function describeProof({ shard, auditPasses, audit, replayed, difference }: Proof): string[] {
  return [
    auditPasses ? `The audit of ${shard} passes.` : audit!,
    replayed
      ? `The replay of ${count(replayed.last - replayed.first + 1)} commands of ${shard} comes to the same ${count(replayed.trades)} trades.`
      : difference!,
  ];
}

function duration(ms: number): string {
  return ms < 100_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

export function writeFaultsJson(file: string, result: RunResult, { seed }: FaultsOptions): void {
  const { answering, writing, findings, sent, ...facts } = result;
  const kinds = Object.keys(facts.faults);
  const json = {
    ...{ date: new Date().toISOString(), seed, ok: isSound(result), ...facts },
    requests: sent.length,
    lost: findings.lost.length,
    doubled: findings.doubled.length,
    contradicted: findings.contradicted.length,
    longestUnavailableMs: Math.round(answering.longestMs()),
    longestUnwrittenMs: Math.round(writing.longestMs()),
    longestUnavailableMsOf: longestOf(answering, kinds),
    longestUnwrittenMsOf: longestOf(writing, kinds),
    findings,
  };
  writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
}

function longestOf({ of }: RunResult['writing'], kinds: readonly string[]): Record<string, number> {
  return Object.fromEntries(kinds.map((kind) => [kind, Math.round(of(kind).longestMs)]));
}

/** A request a line, with its answer. */
export function writeSent(file: string, { sent }: RunResult): void {
  writeFileSync(file, sent.map((one) => `${JSON.stringify(one)}\n`).join(''));
}
