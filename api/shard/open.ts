import type { DatabasePool } from 'slonik';
import type { Config } from '../../core/config.ts';
import { createKnown } from '../../core/known.ts';
import { backoff, sleep } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import { connected, connectOnce, connectPatiently } from '../../core/redis.ts';
import { assertUsable, UnusableRedisError } from '../../core/redis-check.ts';
import { createSubmit, type Submit, SubmitError } from '../../matcher/client.ts';
import type { Freshness } from '../../sql/freshness.ts';
import { createBookTexts } from '../market-data/book-texts.ts';
import { createLiveMarketData } from '../market-data/live.ts';
import type { MarketData } from '../market-data/market-data.ts';
import { createOpenOrderLimit } from '../orders/open-order-limit.ts';
import { checkKnown } from './check-known.ts';
import { createConfirm } from './confirm.ts';
import { ShardStoppedError, UnavailableError } from './errors.ts';
import { followPersisted } from './persisted.ts';
import { createRedisReads } from './redis-reads.ts';
import { createReports, type RunningReports } from './reports.ts';
import type { Shard } from './shard.ts';
import { createSubmitted } from './submitted.ts';
import { assertTakesWrites } from './takes-writes.ts';
import { createVerdicts } from './verdicts.ts';

export type ShardParts = {
  readonly config: Config;
  readonly pool: DatabasePool;
  readonly freshness?: Freshness;
  readonly log: Log;
  readonly name: string;
};

export type OpenedShard = {
  /** Every call throws an `UnavailableError` until the shard has started. */
  readonly shard: Shard;
  /**
   * Resolves once the market data are complete, as long as Redis or PostgreSQL may be away. Throws `ShardStoppedError` if Redis has
   * less of the shard than PostgreSQL, `UnusableRedisError` if it may forget.
   */
  readonly started: Promise<void>;
};

/** Connects to a shard, which another one that is away must not hold up: it comes as soon as it can. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: it puts together what other files make
export function openShard({ config, pool, freshness, name, ...rest }: ShardParts): OpenedShard {
  const { redisUrl, redisTimeoutMs, readTimeoutMs, waitTimeoutMs } = config;
  const log = rest.log.child({ shard: name });
  const settings = { shard: name, timeoutMs: redisTimeoutMs };
  const once = connectOnce(redisUrl, log, settings);
  const stream = connectPatiently(redisUrl, log, settings);
  const channel = connectPatiently(redisUrl, log, settings);
  const fence = config.minReplicas > 0 ? connectOnce(redisUrl, log, settings) : null;
  const stop = new AbortController();
  const known = createKnown();

  const redisReads = createRedisReads({ redis: once, shard: name, timeoutMs: readTimeoutMs });
  const verdicts = createVerdicts({ waitTimeoutMs });
  const persisted = followPersisted({
    ...{ channel, redisReads, shard: name, timeoutMs: readTimeoutMs },
    ...(freshness ? { freshness } : {}),
  });
  const live = createLiveMarketData({ pool, redisReads, shard: name, log, readTimeoutMs });
  const reports = createReports({ redis: stream, shard: name, log, leading: live.subscriber });
  reports.subscribe({ reset: known.reaches, reports: (_, { last }) => known.reaches(last) });
  // Whoever has a verdict finds it in the market data.
  reports.subscribe({ ...verdicts, end: verdicts.close });
  const running = reports.run(stop.signal);
  once.on('ready', () => void checkKnown(redisReads, known, reports));

  const close = async (): Promise<void> => {
    stop.abort();
    stream.disconnect();
    await running;
    verdicts.close();
    persisted.close();
    once.disconnect();
    fence?.disconnect();
  };
  let notGoing: UnavailableError | null = new UnavailableError(`shard ${name} has not started yet`);
  const assertGoing = (): void => {
    const error = reports.stopped() ?? notGoing;
    if (error) throw error;
  };
  const unlessStopped =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> => {
      const error = reports.stopped() ?? notGoing;
      return error ? Promise.reject(error) : call(...args);
    };
  const submit = createSubmit(once, name, config, known);
  const submitted = createSubmitted(name);
  const confirm = createConfirm({
    redis: fence,
    shard: name,
    replicas: config.minReplicas,
    known,
    submitted,
  });
  const shownThrough = async (sequence: number | null): Promise<number> => {
    await persisted.through(sequence ?? 0);
    return sequence ?? 0;
  };
  const verdict: Shard['verdict'] = async (taken) => {
    const report = await verdicts.verdict(taken.sequence);
    if (report) {
      if (fence) submitted.assertOurs(taken, report);
      return report;
    }
    // A sequence that Redis has lost, or may lose, must not be answered as pending.
    assertGoing();
    await confirm(taken);
    return null;
  };

  const start = async (): Promise<void> => {
    try {
      await connected(once);
      await assertUsable(once, name, config).catch((error) => {
        if (error instanceof UnusableRedisError) throw error; // else it is away again, which the next line waits for
      });
      await firstCatchUp(live, log);
      notGoing = null;
    } catch (error) {
      notGoing = new ShardStoppedError((error as Error).message);
      await close();
      throw error;
    }
  };
  const shard: Shard = {
    name,
    takesWrites: unlessStopped(() => assertTakesWrites(once, name)),
    submit: unlessStopped(stoppingIfBehind(fence ? submitted.noting(submit) : submit, reports)),
    verdict,
    confirm,
    awaitedVerdicts: verdicts.awaited,
    persistedThrough: unlessStopped(persisted.through),
    persistedNow: persisted.now,
    writesOf: unlessStopped(async (traderId) => shownThrough(await redisReads.writtenBy(traderId))),
    matchedOf: unlessStopped(async (traderId) => live.through((await redisReads.writtenBy(traderId)) ?? 0)),
    everythingMatched: unlessStopped(async () => shownThrough(await redisReads.matched())),
    sequenceOfOid: unlessStopped(redisReads.ofOid),
    markOids: unlessStopped((oids, mark) =>
      redisReads.markOids(oids, { mark, windowMs: config.clientOidWindowMs }),
    ),
    openOrderLimit: createOpenOrderLimit(live, config.maxOpenOrders),
    redis: once,
    marketData: live,
    reports,
    bookTexts: createBookTexts(live),
    close,
  };
  return { shard, started: start() };
}

function stoppingIfBehind(submit: Submit, reports: RunningReports): Submit {
  return async (commands) => {
    try {
      return await submit(commands);
    } catch (error) {
      if (error instanceof SubmitError && error.behind) reports.stop(new ShardStoppedError(error.message));
      throw error;
    }
  };
}

async function firstCatchUp({ caughtUp }: MarketData, log: Log): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await caughtUp();
    } catch (error) {
      if (!(error instanceof UnavailableError) || error instanceof ShardStoppedError) throw error;
      log.info({ error: error.message }, 'the shard is not ready yet');
      await sleep(backoff(attempt));
    }
  }
}
