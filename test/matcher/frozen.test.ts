import test, { type ExecutionContext } from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import { createSubmit } from '../../matcher/client.ts';
import { createFreezer } from '../../matcher/frozen.ts';
import { addShard, execute, freshPool } from '../support/database.ts';
import { generous, matchAll, openEngine, readReports } from '../support/engine.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();
const log = createLog('test', 'silent');

async function setUp(t: ExecutionContext) {
  const { url, pool } = await freshPool(t);
  await execute(url, 'insert into traders (trader_id) select generate_series(1, 5) on conflict do nothing');
  const shard = newShard();
  await addShard(url, shard, 5);
  const engine = await openEngine(redis, shard, 5 * 2 ** 44);
  const freezer = () =>
    createFreezer({ pool, redis, submit: createSubmit(redis, shard, generous), shard, log });
  const frozen = async (): Promise<string[]> => (await redis.smembers(shardKeys(shard).frozen)).sort();
  const commands = async (): Promise<string[]> =>
    (await readReports(engine)).map(({ command }) =>
      'traderId' in command ? `${command.kind} ${command.traderId}` : command.kind,
    );
  const set = (traderId: number, at: string) =>
    execute(url, `update traders set frozen_at = ${at} where trader_id = ${traderId}`);
  return { engine, freezer, frozen, commands, set };
}

test('who is frozen in PostgreSQL is announced once, and so is who is not any more', async (t) => {
  const { engine, freezer, frozen, commands, set } = await setUp(t);
  const look = freezer();
  await set(2, 'now()');
  await set(4, 'now()');
  for (let i = 0; i < 3; i++) {
    await look();
    await matchAll(engine);
  }
  t.deepEqual(await frozen(), ['2', '4']);
  await set(2, 'null');
  await set(3, 'now()');
  for (let i = 0; i < 3; i++) {
    await look();
    await matchAll(engine);
  }
  t.deepEqual(await frozen(), ['3', '4']);
  t.deepEqual((await commands()).sort(), ['freeze 2', 'freeze 3', 'freeze 4', 'unfreeze 2']);
});

test('a change back counts, though the one before it waits to be matched', async (t) => {
  const { engine, freezer, frozen, set } = await setUp(t);
  const [one, other] = [freezer(), freezer()];
  await set(1, 'now()');
  await one();
  await set(1, 'null');
  // Nobody is frozen in Redis yet, so that nothing seems to be missing.
  await one();
  await other();
  await matchAll(engine);
  t.deepEqual(await frozen(), ['1']);
  await other();
  await matchAll(engine);
  t.deepEqual(await frozen(), []);
});

test('a shard that comes later learns who is frozen', async (t) => {
  const { engine, freezer, frozen, set } = await setUp(t);
  await set(5, 'now()');
  await freezer()();
  await matchAll(engine);
  t.deepEqual(await frozen(), ['5']);
});
