import { withPostgres } from './with-postgres.ts';

/** The shard, currencies, products and traders that every new exchange has. What exists already stays as it is. */
const statements: readonly ((shard: string) => [text: string, values?: string[]])[] = [
  (shard) => [
    'insert into checkpoints (shard, number, sequence) values ($1, 0, 0) on conflict do nothing',
    [shard],
  ],
  () => [
    `insert into currencies (currency, name, kind, increment) values
      ('USD', 'US Dollar', 'fiat', 0.01),
      ('PIKACHU', 'Pikachu', 'crypto', 1),
      ('BULBASAUR', 'Bulbasaur', 'crypto', 1),
      ('CHARMANDER', 'Charmander', 'crypto', 1),
      ('SQUIRTLE', 'Squirtle', 'crypto', 1),
      ('VIBRANIUM', 'Vibranium', 'crypto', 1)
      on conflict do nothing`,
  ],
  (shard) => [
    `insert into products (product_id, shard, base_currency, quote_currency, quote_increment, base_increment,
        min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds)
      select card || '-USD', $1, card, 'USD', 0.01, 1, 1.00, 10.00, 1, 1, 1.00, 10.00
      from unnest(array['PIKACHU', 'BULBASAUR', 'CHARMANDER', 'SQUIRTLE']) card
      on conflict do nothing`,
    [shard],
  ],
  (shard) => [
    `insert into products (product_id, shard, base_currency, quote_currency, quote_increment, base_increment,
        min_price, max_price, base_min_size, base_max_size, min_market_funds, max_market_funds,
        self_trade_prevention, funded)
      values ('VIBRANIUM-USD', $1, 'VIBRANIUM', 'USD', 0.01, 1, 0.01, 100000.00, 1, 1000000, 0.01, 100000000000.00,
        'dc', true)
      on conflict do nothing`,
    [shard],
  ],
  () => ['insert into traders (trader_id) select generate_series(1, 10000) on conflict do nothing'],
];

export async function seed(databaseUrl: string, shard = 'main'): Promise<void> {
  await withPostgres(databaseUrl, async (client) => {
    for (const statement of statements) await client.query(...statement(shard));
  });
}
