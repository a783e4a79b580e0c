import { addShard } from '../../../sql/add-shard.ts';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { withPool } from '../connections.ts';

/** Its slot is with another primary than that of `main`, if each has a third of them. */
export const secondShard = 'cards2';

/** Gives a database the second shard, with cards of its own. What exists already stays as it is. */
export async function seedSecondShard(databaseUrl: string): Promise<void> {
  await withPool(databaseUrl, (pool) => addShard(pool, secondShard));
  await withPostgres(databaseUrl, async (client) => {
    await client.query(`insert into currencies (currency, name, kind, increment) values
      ('EEVEE', 'Eevee', 'crypto', 1), ('SNORLAX', 'Snorlax', 'crypto', 1)
      on conflict do nothing`);
    await client.query(
      `insert into products (product_id, shard, base_currency, quote_currency, quote_increment, base_increment,
          min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
        select card || '-USD', $1, card, 'USD', 0.01, 1, 1.00, 10.00, 1, 1, 1.00, 10.00
        from unnest(array['EEVEE', 'SNORLAX']) card
        on conflict do nothing`,
      [secondShard],
    );
  });
}
