import fc from 'fast-check';
import type { Command } from '../../core/commands.ts';
import { firstSequenceOf } from '../../core/order.ts';
import { execute, freshDatabase } from './database.ts';
import { commandsOf, drafts } from './random-commands.ts';

const shardNumber = 7;
/** The sequence before the first one of a shard with a history: ids above 2^46. */
export const start = firstSequenceOf(shardNumber) - 1;

/** As the row of A-USD says it: half an A is a unit, and a quote unit is three cents. B-USD is not funded. */
const funding = { baseCurrency: 'A', baseUnits: 2, quoteCurrency: 'USD', quoteUnits: 3 };
const world = { fundings: { 'A-USD': funding, 'B-USD': null }, lots: 200, value: 1_500 };
export const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A schema of its own in which the shard has the products of random histories, one of them funded. */
export async function historyDatabase(shard: string): ReturnType<typeof freshDatabase> {
  const database = await freshDatabase();
  await execute(
    database.url,
    `insert into checkpoints (shard, number, sequence) values ('${shard}', ${shardNumber}, ${start})`,
    `insert into currencies (currency, name, kind, increment) values ('A', 'A', 'crypto', 0.5), ('B', 'B', 'crypto', 1)`,
    ...['A', 'B'].map(
      (
        card,
      ) => `insert into products (product_id, shard, base_currency, quote_currency, funded, quote_increment,
        base_increment, min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
        values ('${card}-USD', '${shard}', '${card}', 'USD', ${card === 'A'}, 0.03, 1, 0.03, 30, 1, 1000, 0.03, 3000)`,
    ),
  );
  return database;
}

/** Random commands over a funded and an unlimited product, the same for the same seed. */
export function randomCommands(count: number): Command[] {
  const commands: Command[] = [];
  for (let i = 0; commands.length < count; i++) {
    const [draft] = fc.sample(drafts, { numRuns: 1, seed: seed + i });
    const before = start + commands.length;
    for (const command of commandsOf({ ...draft!, world })) commands.push(inBlock(command, i, before));
  }
  return commands.slice(0, count);
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
