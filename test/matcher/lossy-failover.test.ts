import { setTimeout as wait } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { Redis } from 'ioredis';
import { createConfirm } from '../../api/shard/confirm.ts';
import { createSubmitted, type Submitted } from '../../api/shard/submitted.ts';
import { shardKeys } from '../../core/keys.ts';
import { createKnown } from '../../core/known.ts';
import { createLog } from '../../core/log.ts';
import { connected, connectOnce } from '../../core/redis.ts';
import type { Command } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';
import { createSubmit, type Taken } from '../../matcher/client.ts';
import { createRandom } from '../../scripts/lab/model/random.ts';
import { generous, matchAll, openEngine, readEvents, readReports } from '../support/engine.ts';
import { randomCommands, start } from '../support/funded-shard.ts';
import type { RedisServer } from '../support/redis-servers.ts';
import { startMatcher, startPair } from '../support/replicated-shard.ts';
import { seed } from '../support/seed.ts';

const log = createLog('test', 'silent');
const shard = 'main';
const { commands: commandsKey, state } = shardKeys(shard);
const rounds = Number(process.env.FAILOVERS ?? 5);
const count = 1_200;
const countAfter = 200;
/** What these commands come to in the stream of replication. */
const mostBytes = 400_000;

/** Each request has an id of its own, as at an api. */
function requestsOf(name: string, commands: readonly Command[], size: number): Command[][] {
  const requests: Command[][] = [];
  for (let i = 0; i < commands.length; i += size) {
    const requestId = `${name}-${i}`;
    requests.push(commands.slice(i, i + size).map((command) => ({ ...command, requestId })));
  }
  return requests;
}

type Sending = {
  readonly t: ExecutionContext;
  readonly server: RedisServer;
  readonly submitted: Submitted;
  readonly requests: readonly (readonly Command[])[];
};

async function open({ t, server }: Pick<Sending, 't' | 'server'>): Promise<Redis> {
  const redis = await connected(connectOnce(`redis://127.0.0.1:${server.port}`, log, { timeoutMs: 3_000 }));
  t.teardown(() => redis.disconnect());
  return redis;
}

type SentUntilCut = {
  /** All sequences that were given. */
  readonly given: readonly Taken[];
  /** Those that were confirmed: a client may have been told. */
  readonly confirmed: ReadonlySet<number>;
};

/** Sends commands as an api does, until what was sent is confirmed no more. */
async function sendUntilCut({ requests, ...at }: Sending): Promise<SentUntilCut> {
  const { submitted } = at;
  const known = createKnown();
  const limits = { ...generous, minReplicas: 1 };
  const submit = submitted.noting(createSubmit(await open(at), shard, limits, known));
  const confirm = createConfirm({ redis: await open(at), shard, replicas: 1, known, submitted });
  const [given, confirmed]: [Taken[], Set<number>] = [[], new Set()];
  let isCut = false;
  const waiting: Promise<void>[] = [];
  for (const request of requests) {
    if (isCut) break;
    const taken = await submit(request);
    given.push(...taken);
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
  return { given, confirmed };
}

/** The same api goes on with the successor, which gives the sequences that were lost to others. */
async function sendOn({ requests, ...at }: Sending): Promise<void> {
  const submit = at.submitted.noting(createSubmit(await open(at), shard, generous));
  for (const request of requests) await submit(request);
}

/** Whether a request that still waits would be answered by this report. */
function isAnsweredBy(submitted: Submitted, taken: Taken, report: Report): boolean {
  try {
    submitted.assertOurs(taken, report);
    return true;
  } catch {
    return false;
  }
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
    const submitted = createSubmitted(shard);
    const commands = randomCommands(seed + round, count + countAfter);
    const [before, after] = [commands.slice(0, count), commands.slice(count)];
    const sending = { t, server: primary, submitted };
    const { given, confirmed } = await sendUntilCut({
      ...sending,
      requests: requestsOf('before', before, 7),
    });
    await wait(500); // for the matcher, which knows of no cut
    link.silence();
    const [published, sent] = [await readEvents(engine), await linesOf(primary.client)];
    await primary.kill();
    await replica.client.replicaof('NO', 'ONE');

    const [sequence, was] = (await replica.client.hmget(state, 'sequence', 'matched')).map(Number);
    const successor = { redis: replica.client, shard };
    await sendOn({ ...sending, server: replica, requests: requestsOf('after', after, 5) });
    await matchAll(successor, random(1, 40));
    const again = await readEvents(successor);
    t.log(
      `confirmed ${confirmed.size} of ${sent.size}, published ${published.length} bytes; the replica had ${sequence! - start} commands, ${was! - start} of them matched`,
    );
    t.true(again.startsWith(published), `round ${round}: what was published`);
    const kept = await linesOf(replica.client);
    for (const one of confirmed) t.is(kept.get(one), sent.get(one), `round ${round}: what was answered`);
    const reports = new Map((await readReports(successor)).map((report) => [report.sequence, report]));
    for (const taken of given) {
      const report = taken.repeated ? undefined : reports.get(taken.sequence);
      const isOurs = kept.get(taken.sequence) === sent.get(taken.sequence);
      if (report) t.is(isAnsweredBy(submitted, taken, report), isOurs, `round ${round}: what waits`);
    }
  }
});
