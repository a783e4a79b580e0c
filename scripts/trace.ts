// Prints the life of an order, from the request to the ledger: sequences, times, trades, and balances after each movement.
//
// Why: money must be traceable. A request id finds its commands, an order id its requests, a trade both of its orders.
//
// Usage: npm run trace -- 1234                    an order
//        npm run trace -- PIKACHU-USD:17          a trade, by product and trade id
//        npm run trace -- Xb3f9-request-id        whatever a request did; the id is in the answer's X-Request-Id
//
// Looks into DATABASE_URL, or into the exchange that `npm start` runs in DATA_DIR.

import type { DatabasePool } from 'slonik';
import { command, main } from './console/command.ts';
import { UsageError } from './console/errors.ts';
import { withPool } from './launcher/connections.ts';
import { findDatabase, whereToLook } from './launcher/found.ts';
import {
  ordersOfRange,
  ordersOfTrade,
  rangesOfRequest,
  type Step,
  stepsOfOrder,
  stepsOfTransfers,
} from './ops/trace/steps.ts';

type Section = { readonly title: string; readonly steps: readonly Step[] };

async function find(pool: DatabasePool, subject: string): Promise<Section[]> {
  const [, productId, tradeId] = /^([A-Z0-9]+-[A-Z0-9]+):(\d+)$/.exec(subject) ?? [];
  if (productId !== undefined) {
    return sectionsOf(pool, await ordersOfTrade(pool, { productId, tradeId: Number(tradeId) }));
  }
  const byRequest = await findRequest(pool, subject);
  return byRequest.length > 0 || !/^\d{1,16}$/.test(subject)
    ? byRequest
    : sectionsOf(pool, [Number(subject)]);
}

async function findRequest(pool: DatabasePool, requestId: string): Promise<Section[]> {
  const sections: Section[] = [];
  for (const range of await rangesOfRequest(pool, requestId)) {
    sections.push({ title: 'Money', steps: await stepsOfTransfers(pool, range) });
    sections.push(...(await sectionsOf(pool, await ordersOfRange(pool, range))));
  }
  return sections;
}

async function sectionsOf(pool: DatabasePool, orderIds: readonly number[]): Promise<Section[]> {
  const sections: Section[] = [];
  for (const orderId of orderIds) {
    sections.push({ title: `Order ${orderId}`, steps: await stepsOfOrder(pool, orderId) });
  }
  return sections;
}

function print({ title, steps }: Section): void {
  console.log(`\n${title}`);
  const width = Math.max(...steps.map(({ sequence }) => String(sequence).length));
  let before: Step | undefined;
  for (const step of steps) {
    const isSame = before?.sequence === step.sequence;
    const sequence = (isSame ? '' : String(step.sequence)).padStart(width);
    const request = isSame || step.requestId === null ? '' : `   [request ${step.requestId}]`;
    console.log(`  ${sequence}  ${(step.time ?? '').padEnd(24)}  ${step.what}${request}`);
    before = step;
  }
}

async function trace(subject: string): Promise<void> {
  const found = await withPool(findDatabase(), (pool) => find(pool, subject), { statementTimeoutMs: 60_000 });
  const sections = found.filter(({ steps }) => steps.length > 0);
  if (sections.length === 0) throw new UsageError(`PostgreSQL has no order, trade or request ${subject}.`);
  sections.forEach(print);
}

await main(
  command('npm run trace', `Prints the life of an order, from the request to the ledger. ${whereToLook}`)
    .usage('-- <subject>')
    .argument('<subject>', 'an order id, <product>:<trade id>, or a request id')
    .action(trace),
  { failure: 'Nothing to trace' },
);
