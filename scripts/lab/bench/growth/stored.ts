// How the exchange does as stored orders grow: commit rate, reads, bytes.

import { statfsSync } from 'node:fs';
import { withPostgres } from '../../../../sql/with-postgres.ts';
import type { PrivateExchange } from '../../exchange.ts';
import { describeServers, type ServerRoots } from '../machine.ts';
import { type LoadPlan, measureLoad } from '../measure.ts';
import { cards, evenly } from '../options.ts';
import { checkTables } from '../verify.ts';
import { type Latency, latestOrders, latestTrades } from './reads.ts';

export type StoredRow = {
  /** Orders in PostgreSQL. */
  readonly orders: number;
  /** Of the last `window` orders. */
  readonly committedPerSecond: number;
  readonly postgresSecondsPerMillion: number;
  readonly bytesPerOrder: number;
  readonly latestOrders: Latency;
  readonly latestTrades: Latency;
};

export type Growth = {
  readonly rows: readonly StoredRow[];
  /** Why there are no more; null if all were reached. */
  readonly stoppedBy: string | null;
};

export type GrowthPlan = {
  readonly exchange: PrivateExchange;
  readonly milestones: readonly number[];
  readonly minutes: number;
  readonly seed: number;
  readonly take: (row: StoredRow) => void;
};

/** Orders of one load, and the most over which a rate is taken. */
const most = 1_000_000;
/** Of disk for an order, with write-ahead log, append-only file and bodies; several times what is kept of it. */
const bytesNeeded = 1_500;

type Growing = GrowthPlan & {
  readonly servers: ServerRoots;
  readonly emptyBytes: number;
  readonly deadline: number;
  orders: number;
  rate: number;
};

export async function growStored(plan: GrowthPlan): Promise<Growth> {
  const { roots: servers } = await describeServers(plan.exchange);
  const emptyBytes = await databaseBytes(plan.exchange);
  const deadline = performance.now() + plan.minutes * 60_000;
  const growing: Growing = { ...plan, servers, emptyBytes, deadline, orders: 0, rate: 20_000 };
  const rows: StoredRow[] = [];
  for (const milestone of plan.milestones) {
    const stoppedBy = obstacle(growing, milestone);
    if (stoppedBy) return { rows, stoppedBy };
    const row = await growTo(growing, milestone);
    rows.push(row);
    plan.take(row);
  }
  return { rows, stoppedBy: null };
}

/** What would run out on the way. */
function obstacle({ exchange, orders, rate, deadline }: Growing, milestone: number): string | null {
  const { bavail, bsize } = statfsSync(exchange.dataDir);
  const missing = milestone - orders;
  if (missing * bytesNeeded > bavail * bsize) return `the disk has room for less than ${milestone} orders`;
  if (performance.now() + (missing / rate) * 1_000 > deadline) return `${milestone} orders take too long`;
  return null;
}

async function growTo(growing: Growing, milestone: number): Promise<StoredRow> {
  const { exchange, seed, emptyBytes } = growing;
  const window = Math.min(most, Math.ceil(milestone / 2));
  while (growing.orders < milestone - window)
    await place(growing, Math.min(most, milestone - window - growing.orders));
  const measured = await place(growing, milestone - growing.orders);
  await checkTables(exchange, { orders: growing.orders, cancels: 0 });
  return {
    orders: growing.orders,
    committedPerSecond: measured.perSecond.committed,
    postgresSecondsPerMillion: (measured.cpuSeconds.postgres! / window) * 1_000_000,
    bytesPerOrder: Math.round(((await databaseBytes(exchange)) - emptyBytes) / growing.orders),
    latestOrders: await latestOrders(exchange, seed),
    latestTrades: await latestTrades(exchange, cards[0]!),
  };
}

async function place(growing: Growing, orders: number): ReturnType<typeof measureLoad> {
  const { exchange, servers, seed } = growing;
  const mix = { products: evenly(cards), sizes: { from: 1, to: 1 }, seed: seed + growing.orders };
  const load: LoadPlan = { ...mix, orders, batch: 1_000, connections: 4, cancels: 0, async: true };
  const measured = await measureLoad(exchange, servers, load);
  growing.orders += orders;
  growing.rate = measured.perSecond.committed;
  return measured;
}

/** Tables and indexes of everything; the log that PostgreSQL writes ahead is not in it. */
async function databaseBytes({ databaseUrl }: PrivateExchange): Promise<number> {
  const { rows } = await withPostgres(databaseUrl, (client) =>
    client.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes'),
  );
  return Number(rows[0]!.bytes);
}
