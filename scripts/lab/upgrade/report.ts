// The result of an upgrade, for people.

import { count } from '../../console/figures.ts';
import { linesOf } from '../../console/table.ts';
import { describeFindings, describeProof, holds } from '../faults/report.ts';
import { isClean } from '../faults/run.ts';
import type { UpgradeResult } from './run.ts';

export function isSeamless({ steps, findings, ownEnds, proof }: UpgradeResult): boolean {
  const isServed = steps.every(({ refused }) => refused.length === 0);
  return isServed && isClean(findings) && ownEnds.length === 0 && holds(proof);
}

const header = ['step', 'then there are', 'requests', 'refused', 'orders', 'no answer'];
const mostShown = 5;

export function describeUpgrade(result: UpgradeResult, from: string): string {
  const { steps, sent, findings, ownEnds, proof } = result;
  const rows = steps.map(({ step, mix, requests, refused, orders, longestMs }) => [
    ...[
      step,
      mix,
      count(requests),
      count(refused.length),
      count(orders),
      `${(longestMs / 1_000).toFixed(1)} s`,
    ],
  ]);
  const refused = steps.flatMap((step) => step.refused).slice(0, mostShown);
  return [
    `From ${from} and back: ${count(sent.length)} requests.`,
    '',
    ...linesOf([header, ...rows], [0, 1]),
    '',
    'The last is the longest time in which no order was answered positively.',
    ...refused.map((one) => `refused: ${JSON.stringify(one)}`),
    ...ownEnds,
    ...Object.entries(findings).flatMap(([name, list]) => describeFindings(name, list)),
    ...describeProof(proof),
    isSeamless(result)
      ? 'No request was refused, and nothing is lost, doubled or contradicted.'
      : 'It does not hold.',
  ].join('\n');
}
