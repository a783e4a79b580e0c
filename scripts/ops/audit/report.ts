// The result of an audit, for people and for programs.

import { writeFileSync } from 'node:fs';
import type { Audit } from './audit.ts';
import { type Check, type CheckName, checkNames } from './checks.ts';

const names = Object.keys(checkNames) as CheckName[];

export function passes({ checks }: Audit): boolean {
  return names.every((name) => checks[name].differences === 0);
}

export function describeAudit(audit: Audit, seconds: number): string {
  const { shard, first, isWhole, checkpoint, matched, sequence, checks } = audit;
  const failed = names.filter((name) => checks[name].differences > 0);
  return [
    `Shard ${shard} from sequence ${first}: PostgreSQL at ${checkpoint}, Redis at ${matched}, accepted up to ${sequence}.`,
    ...(isWhole ? [] : ['What came before is in archives, and what it led to is taken as given.']),
    '',
    ...table(
      names.map((name) => [
        name,
        checks[name].looked.toLocaleString('en'),
        resultOf(checks[name]),
        checkNames[name],
      ]),
    ),
    ...failed.flatMap((name) => [
      '',
      `${name}: it does not hold that ${checkNames[name]}.`,
      ...firstOf(checks[name]),
    ]),
    '',
    `${failed.length === 0 ? 'Every check passes' : `${failed.length} of ${names.length} checks fail`}, after ${seconds.toFixed(1)} s.`,
  ].join('\n');
}

function resultOf({ differences }: Check): string {
  return differences === 0 ? 'ok' : `${differences.toLocaleString('en')} ✗`;
}

function firstOf({ first, differences }: Check): string[] {
  const more = differences - first.length;
  return [
    ...first.map((text) => `  ${text}`),
    ...(more > 0 ? [`  and ${more.toLocaleString('en')} more`] : []),
  ];
}

type Row = [name: string, looked: string, result: string, says: string];

function table(rows: readonly Row[]): string[] {
  const all: Row[] = [['check', 'looked at', 'result', 'what must hold'], ...rows];
  const width = (column: 0 | 1 | 2): number => Math.max(...all.map((row) => row[column].length));
  const [name, looked, result] = [width(0), width(1), width(2)];
  return all.map((row) =>
    `${row[0].padEnd(name)}  ${row[1].padStart(looked)}  ${row[2].padStart(result)}  ${row[3]}`.trimEnd(),
  );
}

/** `{shard, first, isWhole, checkpoint, matched, sequence, seconds, ok, checks: {<name>: {looked, differences, first}}}` */
export function writeJson(file: string, audit: Audit, seconds: number): void {
  writeFileSync(file, `${JSON.stringify({ ...audit, seconds, ok: passes(audit) }, null, 2)}\n`);
}
