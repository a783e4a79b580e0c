// Verifies a run: nothing lost, nothing twice, every trade as the rules have it. A benchmark that lies is worse than none.

import { shardKeys } from '../../../core/keys.ts';
import { withPostgres } from '../../../sql/with-postgres.ts';
import { withRedis } from '../../launcher/connections.ts';
import type { PrivateExchange } from '../exchange.ts';
import type { LoadResult } from './load-process.ts';
import { type Replayed, replay, VerificationError } from './replay.ts';

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
];

export async function verify(exchange: PrivateExchange, sent: LoadResult): Promise<Replayed> {
  await checkTables(exchange, sent);
  const replayed = await replay(exchange.databaseUrl);
  await checkBooks(exchange, replayed);
  return replayed;
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

/** What rests in Redis, in PostgreSQL and in the second book is as much. */
async function checkBooks({ redisUrl, databaseUrl }: PrivateExchange, { resting }: Replayed): Promise<void> {
  const inRedis = await withRedis(redisUrl, (redis) => redis.hlen(shardKeys('main').orders));
  const { rows } = await withPostgres(databaseUrl, (client) =>
    client.query<{ open: string }>(`select count(*) as open from orders where status = 'open'`),
  );
  const open = Number(rows[0]!.open);
  if (inRedis !== resting || open !== resting)
    throw new VerificationError(`${resting} orders should rest; Redis has ${inRedis}, PostgreSQL ${open}.`);
}
