import type { Command } from '../../core/commands.ts';
import { shardNumberOf } from '../../core/order.ts';
import { execute, freshDatabase } from './database.ts';
import { randomCommands as fundedCommands, start } from './funded-shard.ts';

export const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** A schema of its own in which the shard has the products of random histories, one of them funded. */
export async function historyDatabase(shard: string): ReturnType<typeof freshDatabase> {
  const database = await freshDatabase();
  await execute(
    database.url,
    `insert into checkpoints (shard, number, sequence) values ('${shard}', ${shardNumberOf(start + 1)}, ${start})`,
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
  return fundedCommands(seed, count);
}
