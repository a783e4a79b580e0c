// Reads by two apis of one exchange, in turns: one reads lists from the primary, the other from a replica.

import { setTimeout as sleep } from 'node:timers/promises';
import type { PlainExchange } from '../../exchange.ts';
import type { Replicated } from '../../replica.ts';
import { describeServers } from '../machine.ts';
import { measureLoad } from '../measure.ts';
import { cards, evenly } from '../options.ts';
import { traders } from '../orders.ts';
import { runTool } from '../tool.ts';
import { cpuSeconds, mapValues, type Roots } from '../usage.ts';
import type { ReadsOptions, ReadsResult } from './reads.ts';

export type ReplicaPlan = {
  /** Placed before, by all traders. */
  readonly orders: number;
  readonly seconds: number;
  readonly connections: number;
  readonly rounds: number;
  readonly seed: number;
  /** Called with each run as it ends. */
  readonly take: (run: ReplicaRun) => void;
};

const lists = {
  orders: (trader: number) => `/orders?trader_id=${trader}&status=all&limit=50`,
  fills: (trader: number) => `/fills?trader_id=${trader}&product_id=${cards[trader % cards.length]}&limit=50`,
};
export type List = keyof typeof lists;

export type ReplicaRun = ReadsResult & {
  readonly list: List;
  readonly from: 'primary' | 'replica';
  /** A read, by kind of process: `primary` and `replica` are PostgreSQL's. */
  readonly cpuMicroseconds: Readonly<Record<'api' | 'primary' | 'replica', number>>;
  /** Lists that the replica answered. */
  readonly byReplica: number;
};

type Reader = {
  readonly from: ReplicaRun['from'];
  readonly port: number;
  readonly roots: Roots;
  /** Whose list comes next: an api keeps pages of those who asked last. */
  nextTrader: number;
};

const warmUpSeconds = 2;
/** What a session did last is counted a moment later. */
const settlingMs = 200;

export async function measureReplica(
  exchange: PlainExchange,
  { primary, replica, readUrl }: Replicated,
  plan: ReplicaPlan,
): Promise<void> {
  const { orders, rounds, seed } = plan;
  const { roots: servers } = await describeServers(exchange);
  const load = { products: evenly(cards), sizes: { from: 1, to: 1 }, seed, orders };
  await measureLoad(exchange, servers, { ...load, batch: 1_000, connections: 4, cancels: 0, async: true });
  const [api] = exchange.pids().api;
  const reading = await exchange.addApi('api-replica', { DATABASE_READ_URL: readUrl });
  const postgres = { primary, replica };
  const readers: Reader[] = [
    { from: 'primary', port: exchange.port, roots: { api: api!, ...postgres }, nextTrader: 0 },
    { from: 'replica', port: reading.port, roots: { api: reading.pid, ...postgres }, nextTrader: 0 },
  ];
  for (const list of Object.keys(lists) as List[]) {
    for (const reader of readers) await read(exchange, reader, { ...plan, list, seconds: warmUpSeconds });
    for (let round = 0; round < rounds; round++)
      for (const reader of round % 2 === 0 ? readers : readers.toReversed())
        plan.take(await read(exchange, reader, { ...plan, list }));
  }
}

type Reading = Pick<ReplicaPlan, 'seconds' | 'connections'> & { readonly list: List };

async function read(
  { token }: PlainExchange,
  reader: Reader,
  { list, seconds, connections }: Reading,
): Promise<ReplicaRun> {
  const { from, port, roots, nextTrader } = reader;
  const paths = Array.from({ length: traders }, (_, i) => lists[list](((nextTrader + i) % traders) + 1));
  const options: ReadsOptions = { port, token, connections, seconds, paths };
  const [cpuBefore, answeredBefore] = [cpuSeconds(roots), await answeredByReplica(port)];
  const result = await runTool<ReadsResult>('replica/reads.ts', options);
  reader.nextTrader += result.requests;
  await sleep(settlingMs);
  const cpuAfter = cpuSeconds(roots);
  const micros = mapValues(cpuAfter, (after, name) => ((after - cpuBefore[name]!) / result.requests) * 1e6);
  const cpuMicroseconds = micros as ReplicaRun['cpuMicroseconds'];
  return {
    ...result,
    list,
    from,
    cpuMicroseconds,
    byReplica: (await answeredByReplica(port)) - answeredBefore,
  };
}

async function answeredByReplica(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const [, text] =
    /^cardstock_replica_reads_total\{.*outcome="answered".*\} (\d+)/m.exec(await answer.text()) ?? [];
  return Number(text ?? 0);
}
