import { firstSequenceOf, shardNumberOf } from '../../core/order.ts';
import { type Command, decodeCommand, encodeCommand } from '../../core/wire/commands.ts';
import { execute, freshDatabase } from './database.ts';
import { randomCommands as fundedCommands, start } from './funded-shard.ts';
import type { drafts } from './random-commands.ts';
import { seed } from './seed.ts';

/** A schema of its own in which the shard has the products of random histories, one of them funded. */
export async function historyDatabase(shard: string): ReturnType<typeof freshDatabase> {
  const database = await freshDatabase();
  await addShard(database.url, shard, { before: start, cards: ['A', 'B'] });
  return database;
}

/** A second shard counts from here. */
export const secondStart = firstSequenceOf(shardNumberOf(start + 1) + 1) - 1;

/** Adds a second shard with two such products of its own, one of them paid for in the currency of the first shard's. */
export function addSecondShard(url: string, shard: string): Promise<void> {
  return addShard(url, shard, { before: secondStart, cards: ['C', 'D'] });
}

type NewShard = { readonly before: number; readonly cards: readonly [funded: string, unlimited: string] };

function addShard(url: string, shard: string, { before, cards }: NewShard): Promise<void> {
  const [funded, unlimited] = cards;
  return execute(
    url,
    `insert into checkpoints (shard, number, sequence) values ('${shard}', ${shardNumberOf(before + 1)}, ${before})`,
    `insert into currencies (currency, name, kind, increment)
      values ('${funded}', '${funded}', 'crypto', 0.5), ('${unlimited}', '${unlimited}', 'crypto', 1)`,
    ...cards.map(
      (
        card,
      ) => `insert into products (product_id, shard, base_currency, quote_currency, funded, quote_increment,
        base_increment, min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
        values ('${card}-USD', '${shard}', '${card}', 'USD', ${card === funded}, 0.03, 1, 0.03, 30, 1, 1000, 0.03, 3000)`,
    ),
  );
}

/** Random commands over a funded and an unlimited product, the same for the same seed. */
export function randomCommands(count: number, from?: typeof drafts): Command[] {
  return fundedCommands(seed, count, from);
}

/** A command of such a history as the second shard is given it, from the same trader. */
export function inSecondShard(command: Command): Command {
  const line = encodeCommand(command)
    .replace(/\b[AB]\b/g, (card) => (card === 'A' ? 'C' : 'D'))
    .replace(/\b\d{15}\b/g, (orderId) => String(Number(orderId) + secondStart - start));
  return decodeCommand(line);
}
