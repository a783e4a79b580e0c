// The result of an audit, for people and for programs.

import { writeFileSync } from 'node:fs';
import { count } from '../../console/figures.ts';
import { linesOf } from '../../console/table.ts';
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
    ...linesOf([titles, ...names.map((name) => rowOf(name, checks[name]))], [0, 3]),
    ...failed.flatMap((name) => [
      '',
      `${name}: it does not hold that ${checkNames[name]}.`,
      ...firstOf(checks[name]),
    ]),
    '',
    `${failed.length === 0 ? 'Every check passes' : `${failed.length} of ${names.length} checks fail`}, after ${seconds.toFixed(1)} s.`,
  ].join('\n');
}

const titles = ['check', 'looked at', 'result', 'what must hold'];

function rowOf(name: CheckName, check: Check): string[] {
  return [name, count(check.looked), resultOf(check), checkNames[name]];
}

function resultOf({ differences }: Check): string {
  return differences === 0 ? 'ok' : `${count(differences)} ✗`;
}

function firstOf({ first, differences }: Check): string[] {
  const more = differences - first.length;
  return [...first.map((text) => `  ${text}`), ...(more > 0 ? [`  and ${count(more)} more`] : [])];
}

/** `{shard, first, isWhole, checkpoint, matched, sequence, seconds, ok, checks: {<name>: {looked, differences, first}}}` */
export function writeJson(file: string, audit: Audit, seconds: number): void {
  writeFileSync(file, `${JSON.stringify({ ...audit, seconds, ok: passes(audit) }, null, 2)}\n`);
}
