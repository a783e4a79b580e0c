import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import test from 'ava';
import { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import { createLog } from '../../core/log.ts';
import { connected, connectOnce } from '../../core/redis.ts';
import { createSubmit, match, prepareShard, type Taken } from '../../matcher/client.ts';
import { readEnvironment } from '../../scripts/launcher/servers/environment.ts';
import {
  claimDataDir,
  eraseData,
  type Servers,
  startServers,
} from '../../scripts/launcher/servers/servers.ts';
import { cancelCommand } from '../support/commands.ts';
import { generous } from '../support/engine.ts';

/** A Redis of our own, for no other test would be happy about one that forgets its scripts. */
let servers: Servers;
let redis: Redis;
let other: Redis;

test.before(async () => {
  const claim = claimDataDir(mkdtempSync('/tmp/cardstock-scripts-'));
  const environment = { ...readEnvironment(), redisUrl: undefined, databaseUrl: 'postgresql://not-started/' };
  servers = await startServers({ claim, environment, log: () => {} });
  redis = await connected(connectOnce(servers.redisUrl, createLog('test', 'silent')));
  other = new Redis(servers.redisUrl);
  cleanUp = async () => {
    for (const connection of [redis, other]) connection.disconnect();
    await servers.stop();
    claim.release();
    eraseData(claim.dataDir);
  };
});
let cleanUp: (() => Promise<void>) | undefined;
test.after.always(() => cleanUp?.());

/** Refused by the matcher, and told apart by its order id. */
const command = (orderId: number) => cancelCommand({ orderId });

const turn = () => new Promise((resolve) => setImmediate(resolve));

const linesIn = async (shard: string): Promise<string[]> => {
  const entries = await redis.xrange(shardKeys(shard).commands, '-', '+');
  return entries.flatMap(([, fields]) => fields[1]!.split('\n'));
};

const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test.serial('calls of one turn keep their order on a Redis that knows no script', async (t) => {
  await prepareShard(redis, 'new', 0);
  await other.script('FLUSH');
  const taken = await Promise.all(inOrder(50).map((i) => createSubmit(redis, 'new', generous)([command(i)])));
  t.deepEqual(
    taken.flat().map(({ sequence }) => sequence),
    inOrder(50),
  );
});

test.serial('scripts that are forgotten over and over double nothing and let no call overtake', async (t) => {
  const count = 2_000;
  await prepareShard(redis, 'forgetful', 0);
  const submit = createSubmit(redis, 'forgetful', generous);
  const calls: Promise<Taken[]>[] = [];
  const runs: Promise<unknown>[] = [];
  for (let i = 1; i <= count; i++) {
    calls.push(submit([command(i)]));
    if (i % 7 === 0) runs.push(match(redis, 'forgetful', 5));
    if (i % 31 === 0) void other.script('FLUSH');
    if (i % 3 === 0) await turn();
  }
  const taken = (await Promise.all(calls)).flat();
  await Promise.all(runs);
  t.deepEqual(
    taken.map(({ sequence }) => sequence),
    inOrder(count),
  );
  const orderIds = (await linesIn('forgetful')).map((line) => Number(line.split(' ')[2]));
  t.deepEqual(orderIds, inOrder(count));
});

test.serial(
  'a connection that ends while scripts are loaded fails its calls, and the next one works',
  async (t) => {
    await prepareShard(redis, 'cut', 0);
    await other.script('FLUSH');
    const call = createSubmit(redis, 'cut', generous)([command(1)]);
    await turn();
    const again = once(redis, 'ready');
    redis.disconnect(true);
    await t.throwsAsync(call);
    await again;
    t.is((await createSubmit(redis, 'cut', generous)([command(2)])).length, 1);
  },
);
