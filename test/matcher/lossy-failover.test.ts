import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Redis } from 'ioredis';
import { createConfirm } from '../../api/shard/confirm.ts';
import { createSubmitted } from '../../api/shard/submitted.ts';
import { shardKeys } from '../../core/keys.ts';
import { createKnown } from '../../core/known.ts';
import { createLog } from '../../core/log.ts';
import { connected, connectOnce } from '../../core/redis.ts';
import type { Command } from '../../core/wire/commands.ts';
import { createSubmit } from '../../matcher/client.ts';
import { createRandom } from '../../scripts/lab/model/random.ts';
import { generous, matchAll, openEngine, readEvents } from '../support/engine.ts';
import { randomCommands, start } from '../support/funded-shard.ts';
import type { RedisServer } from '../support/redis-servers.ts';
import { startMatcher, startPair } from '../support/replicated-shard.ts';
import { seed } from '../support/seed.ts';

const log = createLog('test', 'silent');
const shard = 'main';
const { commands: commandsKey, state } = shardKeys(shard);
const rounds = Number(process.env.FAILOVERS ?? 5);
const count = 1_200;
/** What these commands come to in the stream of replication. */
const mostBytes = 400_000;

/** Sends commands as an api does, until what was sent is confirmed no more. The sequences that were: a client may have been told. */
async function sendUntilCut(
  t: ExecutionContext,
  { port }: RedisServer,
  all: readonly Command[],
): Promise<Set<number>> {
  const open = async (): Promise<Redis> => {
    const redis = await connected(connectOnce(`redis://127.0.0.1:${port}`, log, { timeoutMs: 3_000 }));
    t.teardown(() => redis.disconnect());
    return redis;
  };
  const [submitted, known] = [createSubmitted(shard), createKnown()];
  const limits = { ...generous, minReplicas: 1 };
  const submit = submitted.noting(createSubmit(await open(), shard, limits, known));
  const confirm = createConfirm({ redis: await open(), shard, replicas: 1, known, submitted });
  const confirmed = new Set<number>();
  let isCut = false;
  const waiting: Promise<void>[] = [];
  for (let i = 0; i < all.length && !isCut; i += 7) {
    const taken = await submit(all.slice(i, i + 7));
    const noted = confirm(taken.at(-1)!).then(() => {
      for (const { sequence } of taken) confirmed.add(sequence);
    });
    waiting.push(
      noted.catch(() => {
        isCut = true;
      }),
    );
    await wait(8);
  }
  await Promise.all(waiting);
  return confirmed;
}

/** The line of each sequence. */
async function linesOf(redis: Redis): Promise<Map<number, string>> {
  const entries = await redis.xrange(commandsKey, '-', '+');
  return new Map(
    entries.flatMap(([id, [, lines]]) =>
      lines!.split('\n').map((line, i): [number, string] => [Number(id.slice(2)) + i, line]),
    ),
  );
}

test('wherever the stream of replication is cut, nothing that was answered or published is contradicted', async (t) => {
  t.timeout(60_000 + rounds * 20_000);
  t.log(`SEED=${seed}`);
  const random = createRandom(seed);
  for (let round = 0; round < rounds; round++) {
    const { primary, replica, link } = await startPair(t);
    const engine = await openEngine(primary.client, shard, start);
    await startMatcher(t, primary);
    link.allow(random(1_000, mostBytes)); // the cut, at any byte of the stream
    const confirmed = await sendUntilCut(t, primary, randomCommands(seed + round, count));
    await wait(500); // for the matcher, which knows of no cut
    link.silence();
    const [published, sent] = [await readEvents(engine), await linesOf(primary.client)];
    await primary.kill();
    await replica.client.replicaof('NO', 'ONE');

    const [sequence, was] = (await replica.client.hmget(state, 'sequence', 'matched')).map(Number);
    const successor = { redis: replica.client, shard };
    await matchAll(successor, random(1, 40));
    const again = await readEvents(successor);
    t.log(
      `confirmed ${confirmed.size} of ${sent.size}, published ${published.length} bytes; the replica had ${sequence! - start} commands, ${was! - start} of them matched`,
    );
    t.true(again.startsWith(published), `round ${round}: what was published`);
    const kept = await linesOf(replica.client);
    for (const one of confirmed) t.is(kept.get(one), sent.get(one), `round ${round}: what was answered`);
  }
});
