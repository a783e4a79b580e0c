// Prints the life of an order, from the request to the ledger: sequences, times, trades, and balances after each movement.
//
// Why: money must be traceable. A request id finds its commands, an order id its requests, a trade both of its orders.
//
// Usage: npm run trace -- 1234                    an order
//        npm run trace -- PIKACHU-USD:17          a trade, by product and trade id
//        npm run trace -- Xb3f9-request-id        whatever a request did; the id is in the answer's X-Request-Id
//
// Looks into DATABASE_URL, or into the exchange that `npm start` runs in DATA_DIR.

import { createLog } from '../core/log.ts';
import { openPool } from '../sql/pool.ts';
import { readDemo } from './launcher/demo.ts';
import { readEnvironment } from './launcher/servers/environment.ts';
import {
  ordersOfRange,
  ordersOfTrade,
  rangesOfRequest,
  type Step,
  stepsOfOrder,
  stepsOfTransfers,
} from './ops/trace/steps.ts';

const usage = `Usage: npm run trace -- <order id> | <product>:<trade id> | <request id>

Looks into DATABASE_URL, or into the exchange that npm start runs in DATA_DIR.`;

type Pool = Awaited<ReturnType<typeof openPool>>;
type Section = { readonly title: string; readonly steps: readonly Step[] };

async function find(pool: Pool, subject: string): Promise<Section[]> {
  const [, productId, tradeId] = /^([A-Z0-9]+-[A-Z0-9]+):(\d+)$/.exec(subject) ?? [];
  if (productId !== undefined) {
    return sectionsOf(pool, await ordersOfTrade(pool, { productId, tradeId: Number(tradeId) }));
  }
  const byRequest = await findRequest(pool, subject);
  return byRequest.length > 0 || !/^\d{1,16}$/.test(subject)
    ? byRequest
    : sectionsOf(pool, [Number(subject)]);
}

async function findRequest(pool: Pool, requestId: string): Promise<Section[]> {
  const sections: Section[] = [];
  for (const range of await rangesOfRequest(pool, requestId)) {
    sections.push({ title: 'Money', steps: await stepsOfTransfers(pool, range) });
    sections.push(...(await sectionsOf(pool, await ordersOfRange(pool, range))));
  }
  return sections;
}

async function sectionsOf(pool: Pool, orderIds: readonly number[]): Promise<Section[]> {
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
  const environment = readEnvironment();
  const databaseUrl = environment.databaseUrl ?? readDemo(environment.dataDir)?.databaseUrl;
  if (databaseUrl === undefined) throw new Error('no exchange runs in DATA_DIR, and DATABASE_URL is not set');
  const pool = await openPool(databaseUrl, createLog('trace', 'warn'), {
    maxPoolSize: 1,
    statementTimeout: 60_000,
  });
  try {
    const sections = (await find(pool, subject)).filter(({ steps }) => steps.length > 0);
    if (sections.length === 0) throw new Error(`PostgreSQL has no order, trade or request ${subject}`);
    sections.forEach(print);
  } finally {
    await pool.end();
  }
}

const subject = process.argv[2];
if (process.argv.includes('--help')) console.log(usage);
else if (subject === undefined) {
  console.error(usage);
  process.exitCode = 1;
} else {
  await trace(subject).catch((error) => {
    console.error(`Nothing to trace: ${error.message}.`);
    process.exitCode = 1;
  });
}
