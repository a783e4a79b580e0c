import type { ExecutionContext } from 'ava';
import fc from 'fast-check';
import type { DatabasePool } from 'slonik';
import { createLog } from '../../core/log.ts';
import { firstSequenceOf } from '../../core/order.ts';
import type { Command } from '../../core/wire/commands.ts';
import { openPool } from '../../sql/pool.ts';
import { execute, freshDatabase } from './database.ts';
import { commandsOf, drafts, firstOf } from './random-commands.ts';

const shardNumber = 7;

/** The shard of these tests counts from above 2^46; this is the sequence before its first. */
export const start = firstSequenceOf(shardNumber) - 1;

export type FundedShard = { readonly shard: string; readonly url: string; readonly pool: DatabasePool };

/** A shard with one funded product, in a schema of its own. */
export async function addFundedShard(t: ExecutionContext, shard: string): Promise<FundedShard> {
  const { url, drop } = await freshDatabase();
  const pool = await openPool(url, createLog('test', 'silent'), { maxPoolSize: 2, statementTimeout: 10_000 });
  await execute(
    url,
    `insert into checkpoints (shard, number, sequence) values ('${shard}', ${shardNumber}, ${start})`,
    `insert into currencies (currency, name, kind, increment) values ('A', 'A', 'crypto', 0.5)`,
    `insert into products (product_id, shard, base_currency, quote_currency, funded, quote_increment, base_increment,
      min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
      values ('A-USD', '${shard}', 'A', 'USD', true, 0.03, 1, 0.03, 30, 1, 1000, 0.03, 3000)`,
  );
  t.teardown(async () => {
    await pool.end();
    await drop();
  });
  return { shard, url, pool };
}

/** As the row above says it: half an A is a unit, and a quote unit is three cents. */
const funding = { baseCurrency: 'A', baseUnits: 2, quoteCurrency: 'USD', quoteUnits: 3 };
const world = { fundings: { 'A-USD': funding, 'B-USD': null }, lots: 200, value: 1_500 };

/** Random commands over that product and an unlimited one, the same for the same seed. */
export function randomCommands(seed: number, count: number, from = drafts): Command[] {
  const commands: Command[] = [];
  for (let i = 0; commands.length < count; i++) {
    const [draft] = fc.sample(from, { numRuns: 1, seed: seed + i });
    const before = start + commands.length;
    for (const command of commandsOf({ ...draft!, world })) commands.push(inBlock(command, i, before));
  }
  return firstOf(commands, count);
}

/** Drafts name things within their block; here one block follows another. */
function inBlock(command: Command, block: number, before: number): Command {
  const requestId = `request-${block}`;
  if ('orderId' in command) return { ...command, requestId, orderId: command.orderId + before };
  if ('transferId' in command) return { ...command, requestId, transferId: `${block}-${command.transferId}` };
  const withOid = command.kind === 'place' && command.clientOid !== null;
  return withOid
    ? { ...command, requestId, clientOid: `${block}-${command.clientOid}` }
    : { ...command, requestId };
}
