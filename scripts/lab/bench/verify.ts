// Verifies a run: nothing lost, nothing twice, every trade as the rules have it. A benchmark that lies is worse than none.

import { shardKeys } from '../../../core/keys.ts';
import { loadShards, type ShardRow } from '../../../sql/shards.ts';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { withPool, withRedis } from '../../launcher/connections.ts';
import type { PrivateExchange } from '../exchange.ts';
import type { LoadResult } from './load-process.ts';
import { type Replayed, rangeOf, replay, VerificationError } from './replay.ts';

type Check = {
  readonly says: string;
  /** A query of one row and one column, `true` if all is well. */
  readonly query: string;
};

/** What holds after any run in which no order was refused and no order met one of its own trader's. */
const checks: readonly Check[] = [
  {
    says: 'no order was refused, and every one traded at most its size',
    query: `select count(*) = 0 from orders where status = 'rejected' or filled_size > size`,
  },
  {
    says: 'an order is done exactly when it is filled or canceled',
    query: `select count(*) = 0 from orders where (status = 'done') <> (filled_size = size or done_reason = 'canceled')`,
  },
  {
    says: 'buyers and sellers traded the same lots and values, and the trades are their sum',
    query: `
      with sums as (
        select sum(filled_size) filter (where side = 'buy') as bought, sum(filled_size) filter (where side = 'sell') as sold,
          sum(executed_value) filter (where side = 'buy') as paid, sum(executed_value) filter (where side = 'sell') as earned
        from orders
      ), traded as (select sum(size) as lots, sum(price * size) as value from trades)
      select (bought, sold, paid, earned) is not distinct from (lots, lots, value, value) from sums, traded`,
  },
  {
    says: 'trade ids of every product are 1, 2, 3, … and its feed knows the last',
    query: `
      select coalesce(bool_and(least = 1 and last = count and last = distinct_ids and last = f.trade_id), true)
      from (
        select product_id, min(trade_id) as least, max(trade_id) as last, count(*), count(distinct trade_id) as distinct_ids
        from trades group by product_id
      ) t left join feeds f using (product_id)`,
  },
  {
    says: 'no bid that rests meets an ask that rests',
    query: `
      select coalesce(bool_and(bid < ask or bid is null or ask is null), true) from (
        select max(price) filter (where side = 'buy') as bid, min(price) filter (where side = 'sell') as ask
        from orders where status = 'open' group by product_id
      ) best`,
  },
  {
    says: 'every order of a product is in the sequence of its shard',
    query: `
      select count(*) = 0 from orders join products using (product_id) join checkpoints using (shard)
      where id >> 44 <> number`,
  },
];

/** Of one shard; `shard` is its name. */
export type Verified = Replayed & { readonly shard: string };

/** Every shard by itself, also those that nobody traded on. */
export async function verify(exchange: PrivateExchange, sent: LoadResult): Promise<Verified[]> {
  await checkTables(exchange, sent);
  const verified: Verified[] = [];
  for (const shard of await withPool(exchange.databaseUrl, loadShards))
    verified.push({ shard: shard.name, ...(await verifyShard(exchange, shard)) });
  await checkCommands(exchange, verified);
  return verified;
}

async function verifyShard(exchange: PrivateExchange, shard: ShardRow): Promise<Replayed> {
  const replayed = await replay(exchange.databaseUrl, shard.number);
  await checkBooks(exchange, shard, replayed);
  return replayed;
}

/** Nothing is recorded in the sequence of no shard. */
async function checkCommands({ databaseUrl }: PrivateExchange, verified: readonly Verified[]): Promise<void> {
  const { rows } = await withPostgres(databaseUrl, (client) =>
    client.query<{ recorded: string }>(
      'select (select count(*) from orders) + (select count(*) from commands) as recorded',
    ),
  );
  const replayed = verified.reduce((sum, { commands }) => sum + commands, 0);
  if (Number(rows[0]!.recorded) !== replayed)
    throw new VerificationError(`${rows[0]!.recorded} commands are recorded, the shards have ${replayed}.`);
}

/** What the tables alone can tell; throws `VerificationError`. */
export async function checkTables(
  { databaseUrl }: Pick<PrivateExchange, 'databaseUrl'>,
  sent: Pick<LoadResult, 'orders' | 'cancels'>,
): Promise<void> {
  await withPostgres(databaseUrl, async (client) => {
    const counted = await client.query<{ orders: string; cancels: string }>(
      `select (select count(*) from orders) as orders,
        (select count(*) from commands where line like 'cancel %') as cancels`,
    );
    const { orders, cancels } = counted.rows[0]!;
    if (Number(orders) !== sent.orders || Number(cancels) !== sent.cancels)
      throw new VerificationError(
        `${sent.orders} orders and ${sent.cancels} cancels were answered, ${orders} and ${cancels} are recorded.`,
      );
    for (const { says, query } of checks) {
      const { rows } = await client.query({ text: query, rowMode: 'array' });
      if (rows[0]?.[0] !== true) throw new VerificationError(`It does not hold that ${says}.`);
    }
  });
}

/** What rests in Redis, in PostgreSQL and in the second book is as much, and the checkpoint is at the last command. */
async function checkBooks(
  { redisUrl, databaseUrl }: PrivateExchange,
  { name: shard, number }: ShardRow,
  { commands, resting }: Replayed,
): Promise<void> {
  const inRedis = await withRedis(redisUrl, (redis) => redis.hlen(shardKeys(shard).orders), { shard });
  const { first, last } = rangeOf(number);
  const { rows } = await withPostgres(databaseUrl, (client) =>
    client.query<{ open: string; persisted: string }>(
      `select (select count(*) from orders where status = 'open' and id between $1 and $2) as open,
        (select sequence from checkpoints where number = $3) as persisted`,
      [first, last, number],
    ),
  );
  const [open, persisted] = [Number(rows[0]!.open), Number(rows[0]!.persisted)];
  if (inRedis !== resting || open !== resting)
    throw new VerificationError(
      `${resting} orders of ${shard} should rest; Redis has ${inRedis}, PostgreSQL ${open}.`,
    );
  if (persisted !== first + commands - 1)
    throw new VerificationError(`The checkpoint of ${shard} is at ${persisted}, the last command is not.`);
}
