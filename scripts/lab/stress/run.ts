// Plays attacks against an exchange and measures what they cost others.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { issueToken } from '../../../sql/tokens.ts';
import { withRedis } from '../../launcher/connections.ts';
import { startTool } from '../bench/tool.ts';
import { memoryMegabytes } from '../bench/usage.ts';
import type { PrivateExchange } from '../exchange.ts';
import { askFor } from '../request.ts';
import { attacks } from './attacks.ts';
import type { Probed } from './probe.ts';

/** What others meet while an attack is on. Memory in mebibytes; the script in milliseconds. */
export type AttackRow = Probed & {
  readonly attack: string;
  readonly apiMemory: number;
  readonly slowestScript: number;
  readonly isMet: boolean;
};

/** What the exchange promises others, whatever one trader sends. */
export const bars = { p99: 250, errors: 0, apiMemory: 1_024, slowestScript: 100 };

const attackerId = 1;

/** Fills the books and the attacker's history through the api, in batches. */
export async function prepare(
  exchange: PrivateExchange,
  sizes: { resting: number; own: number; done: number },
) {
  const batch = async (order: (i: number) => Record<string, unknown>, count: number): Promise<void> => {
    for (let from = 0; from < count; from += 1_000) {
      const orders = Array.from({ length: Math.min(1_000, count - from) }, (_, i) => order(from + i));
      await askFor(exchange, { path: '/orders/batch', body: orders });
    }
  };
  const price = (i: number): string => (5 + (i % 400) / 100).toFixed(2);
  const sell = (product: string, traderId: number, i: number) => ({
    ...{ trader_id: traderId, product_id: product, side: 'sell', price: price(i), size: '1' },
  });
  const bids = Math.min(10_000, sizes.resting);
  const deposit = { trader_id: 2, currency: 'USD', amount: '1000', transfer_id: 'stress' };
  await askFor(exchange, { path: '/deposits', body: deposit });
  await batch(
    () => ({ trader_id: 2, product_id: 'VIBRANIUM-USD', side: 'buy', price: '0.01', size: '1' }),
    bids,
  );
  await batch((i) => sell('PIKACHU-USD', 1_000 + (i % 9_000), i), sizes.resting);
  await batch((i) => sell('SQUIRTLE-USD', attackerId, i), sizes.own);
  await batch((i) => sell('BULBASAUR-USD', attackerId, i), sizes.own);
  await batch((i) => ({ ...sell('CHARMANDER-USD', attackerId, i), time_in_force: 'IOC' }), sizes.done);
}

export type Plan = {
  readonly only: readonly string[];
  readonly seconds: number;
  readonly take: (row: AttackRow) => void;
};

export async function playAttacks(exchange: PrivateExchange, plan: Plan): Promise<AttackRow[]> {
  return withRedis(exchange.redisUrl, (redis) => playOn(redis, exchange, plan));
}

async function playOn(redis: Redis, exchange: PrivateExchange, plan: Plan): Promise<AttackRow[]> {
  const probe = startTool('../stress/probe.ts');
  const token = await issueToken(exchange.databaseUrl, { traderId: attackerId });
  const rows: AttackRow[] = [];
  try {
    await redis.config('SET', 'slowlog-log-slower-than', '10000');
    for (const attack of ['nothing', ...plan.only]) {
      await redis.slowlog('RESET');
      await probe.ask({ kind: 'start', port: exchange.port, token: exchange.token });
      const apiMemory = await attackFor(plan.seconds, exchange, { attack, token });
      const probed = (await probe.ask({ kind: 'stop' })) as Probed;
      const row = judged({ ...probed, attack, apiMemory, slowestScript: await slowest(redis) });
      rows.push(row);
      plan.take(row);
    }
  } finally {
    await probe.stop();
  }
  return rows;
}

function judged(row: Omit<AttackRow, 'isMet'>): AttackRow {
  const isMet =
    row.p99 <= bars.p99 &&
    row.errors <= bars.errors &&
    row.apiMemory <= bars.apiMemory &&
    row.slowestScript <= bars.slowestScript;
  return { ...row, isMet };
}

/** Returns the most memory that the api had meanwhile. */
async function attackFor(
  seconds: number,
  { port, pids }: PrivateExchange,
  { attack, token }: { readonly attack: string; readonly token: string },
): Promise<number> {
  const over = new AbortController();
  const attacking = attacks[attack]?.({ port, token, signal: over.signal });
  let most = 0;
  for (let i = 0; i < seconds * 10; i++) {
    most = Math.max(most, memoryMegabytes({ api: pids().api }).api!);
    await sleep(100);
  }
  over.abort();
  await attacking?.catch(() => {});
  return most;
}

async function slowest(redis: Redis): Promise<number> {
  const entries = (await redis.slowlog('GET', 128)) as [number, number, number, ...unknown[]][];
  return Math.round(Math.max(0, ...entries.map(([, , microseconds]) => microseconds)) / 100) / 10;
}
