import { Client } from 'pg';
import { accountKey, shardKeys } from '../../core/keys.ts';
import type { Exchange } from './exchange.ts';

/** What a request may change at once, but for when credentials were last used. Traders that were seeded stay, and can be frozen. */
const rows = {
  products: 'select * from products',
  currencies: 'select * from currencies',
  traders: 'select * from traders where trader_id > 10000 or frozen_at is not null',
  people: 'select * from people',
  recovery_codes: 'select * from recovery_codes',
  password_resets: 'select * from password_resets',
  webhooks: 'select * from webhooks',
  dead_letters: 'select * from dead_letters',
  api_keys: 'select key_id, role, trader_id, permissions, secret, passphrase, revoked_at from api_keys',
  tokens: 'select token_id, role, trader_id, permissions, person_id, key_id, expires_at from tokens',
};
const digests = Object.entries(rows).map(
  ([table, select]) =>
    `(select md5(coalesce(string_agg(r::text, ' ' order by r::text), '')) from (${select}) r) as ${table}`,
);
const query = `select ${digests.join(', ')}`;

/** Whose money is looked at: the exchange's own, and traders whom requests name. */
const accountHolders = [-1, 0, 1, 2, 3, 4, 5];

export type StateLook = {
  /** Digests of what PostgreSQL has of people and products, and what Redis has of trading. */
  readonly look: () => Promise<Record<string, unknown>>;
  readonly close: () => Promise<void>;
};

export async function watchState({ redis, shard, databaseUrl }: Exchange): Promise<StateLook> {
  const keys = shardKeys(shard);
  const client = new Client(databaseUrl);
  await client.connect();
  return {
    look: async () => {
      const [inPostgres, orders, products, frozen, switches, accounts] = await Promise.all([
        client.query(query),
        redis.hgetall(keys.orders),
        redis.hgetall(keys.products),
        redis.smembers(keys.frozen),
        redis.zrange(keys.sessions, 0, '-1'),
        Promise.all(accountHolders.map((traderId) => redis.hgetall(accountKey(shard, traderId)))),
      ]);
      return { ...inPostgres.rows[0], orders, products, frozen: frozen.sort(), switches, accounts };
    },
    close: () => client.end(),
  };
}
