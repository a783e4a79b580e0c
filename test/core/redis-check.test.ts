import test from 'ava';
import { connectNow } from '../../core/redis.ts';
import { assertUsable } from '../../core/redis-check.ts';
import { createSubmit, match, prepareShard } from '../../matcher/client.ts';
import { placeCommand, productCommand } from '../support/commands.ts';
import { generous } from '../support/engine.ts';
import { startRedisServer } from '../support/redis-servers.ts';

const strict = { allowLossy: false, minReplicas: 0 };

const lossy: Record<string, readonly string[]> = {
  'appendonly no': ['appendonly no'],
  'maxmemory-policy allkeys-lru': ['appendonly yes', 'maxmemory-policy allkeys-lru'],
};

for (const [named, config] of Object.entries(lossy))
  test(`a Redis with ${named} is refused, unless that is wanted`, async (t) => {
    const { client } = await startRedisServer(t, { config });
    await t.throwsAsync(assertUsable(client, 'main', strict), { message: new RegExp(named) });
    await t.notThrowsAsync(assertUsable(client, 'main', { ...strict, allowLossy: true }));
  });

/** As docs/operations.md has them. */
const rights = ['~{main}:*', '&{main}:*', '+@all', '-@dangerous', '+info'];

test('the rights that are documented suffice, and each that lacks is named', async (t) => {
  const { client, port } = await startRedisServer(t, { config: ['appendonly yes'] });
  const connectAs = async (name: string, given: readonly string[]) => {
    await client.acl('SETUSER', name, 'on', '>pw', ...given);
    const redis = await connectNow(`redis://${name}:pw@127.0.0.1:${port}`);
    t.teardown(() => redis.disconnect());
    return redis;
  };
  const full = await connectAs('full', rights);
  await assertUsable(full, 'main', { ...strict, minReplicas: 1 });
  await prepareShard(full, 'main', 0);
  await createSubmit(full, 'main', generous)([productCommand(), placeCommand()]);
  t.is((await match(full, 'main', 10)).applied, 2);

  for (const [i, left] of ['~{main}:*', '&{main}:*', '+info'].entries()) {
    const redis = await connectAs(`lacks-${i}`, [
      'resetchannels',
      ...rights.filter((right) => right !== left),
    ]);
    const error = await t.throwsAsync(assertUsable(redis, 'main', strict));
    t.true(error.message.includes(`lacks the right ${left}`), error.message);
  }
});
