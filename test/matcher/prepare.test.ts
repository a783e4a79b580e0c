import test, { type ExecutionContext } from 'ava';
import { type DatabasePool, sql } from 'slonik';
import { shardKeys } from '../../core/keys.ts';
import { firstSequenceOf } from '../../core/order.ts';
import { prepare, StateError } from '../../matcher/prepare.ts';
import { freshPool } from '../support/database.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();
const before = firstSequenceOf(3) - 1;

/** A shard with the number 3, persisted up to a sequence. */
async function setUp(t: ExecutionContext, persisted: number): Promise<{ pool: DatabasePool; shard: string }> {
  const { pool } = await freshPool(t);
  const shard = newShard();
  await pool.query(
    sql.unsafe`insert into checkpoints (shard, number, sequence) values (${shard}, 3, ${persisted})`,
  );
  return { pool, shard };
}

const stateOf = (shard: string): Promise<Record<string, string>> => redis.hgetall(shardKeys(shard).state);

test('a shard that was never used starts before its first sequence', async (t) => {
  const { pool, shard } = await setUp(t, before);
  await prepare(pool, redis, shard);
  const from = String(before);
  t.deepEqual(await stateOf(shard), { sequence: from, matched: from, persisted: from });
});

test('a shard in use stays as it is', async (t) => {
  const { pool, shard } = await setUp(t, before + 5);
  const state = { sequence: String(before + 9), matched: String(before + 7), persisted: String(before + 5) };
  await redis.hset(shardKeys(shard).state, state);
  await prepare(pool, redis, shard);
  t.deepEqual(await stateOf(shard), state);
});

test('a Redis that is empty while PostgreSQL holds orders is refused, and left empty', async (t) => {
  const { pool, shard } = await setUp(t, before + 5);
  const error = await t.throwsAsync(prepare(pool, redis, shard), { instanceOf: StateError });
  t.regex(error.message, /Redis has the commands of .* up to nothing, but PostgreSQL holds it up to/);
  t.deepEqual(await stateOf(shard), {});
});

test('a Redis that is behind PostgreSQL is refused', async (t) => {
  const { pool, shard } = await setUp(t, before + 5);
  const matched = String(before + 4);
  await redis.hset(shardKeys(shard).state, { sequence: matched, matched, persisted: matched });
  await t.throwsAsync(prepare(pool, redis, shard), {
    instanceOf: StateError,
    message: /Redis has lost data; .* `npm run rebuild`/,
  });
});

test('a shard that PostgreSQL does not know is refused', async (t) => {
  const { pool } = await setUp(t, before);
  await t.throwsAsync(prepare(pool, redis, newShard()), {
    instanceOf: StateError,
    message: /no row in checkpoints/,
  });
});
