import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { accountKey, bookKey, clientOidKey, shardKeys, transferKey } from '../../core/keys.ts';
import { type Command, encodeCommand } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';
import { match } from '../../matcher/client.ts';
import { type Engine, openEngine, readReports, submitAll } from '../support/engine.ts';
import { assertSound } from '../support/money-invariants.ts';
import { followersOf } from '../support/naive-batch.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';
import {
  clientOids,
  commandsOf,
  type Drafts,
  draftsWithBatches,
  productIds,
  type Submission,
  submissionsOf,
} from '../support/random-commands.ts';
import { traderIds, transferIds } from '../support/random-movements.ts';
import { useRedis } from '../support/redis.ts';
import { seed } from '../support/seed.ts';
import { readStored, type Stored, storedFor } from '../support/stored.ts';

const { redis, newShard } = useRedis();
const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
/** With few steps runs end early, and checks put a depth into small blocks after few orders. */
const runSizes = [1, 7, 40, 1_000];
const runSteps: Record<number, number> = { 7: 9, 1000: 120 };
const accountHolders = [-1, 0, ...traderIds];

type Outcome = { readonly reports: Report[]; readonly stored: Stored[] };
const met = new Map<string, number>();

test('random commands have the outcome of the naive book, for every run size', async (t) => {
  t.timeout(3_600_000);
  t.log(`SEED=${seed} FUZZ_RUNS=${numRuns}`);
  const shards = new Map(runSizes.map((runSize) => [runSize, newShard()]));
  const entrySizes = fc.oneof(
    fc.constant([1_000]),
    fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
  );
  const property = fc.asyncProperty(draftsWithBatches, entrySizes, async (drafts, entrySizes) => {
    const submissions = submissionsOf(drafts);
    const expected = playNaively(commandsOf(drafts));
    for (const report of expected.reports) count(report);
    for (const stored of expected.stored) assertSound(stored);
    for (const runSize of runSizes) {
      const engine = await freshEngine(shards.get(runSize)!);
      await submitAndCheck(engine, submissions, entrySizes);
      const { runs, reports } = await runAll(engine, expected.reports, runSize);
      assert.deepEqual(reports, expected.reports, `reports, run size ${runSize}`);
      for (const { matched, stored } of runs) {
        // In the midst of a cascade Redis holds what no sequence ends with.
        if (stored.counters.cascade) continue;
        const { batch, ...counters } = stored.counters;
        assert.deepEqual(
          { ...stored, counters },
          expected.stored[matched - 1],
          `stored after ${matched}, run size ${runSize}`,
        );
      }
      assert.equal(runs.at(-1)?.matched, expected.reports.length);
    }
  });
  const found = await fc.check(property, { numRuns, seed });
  if (found.counterexample) return t.fail(explain(found.counterexample[0], found.errorInstance));
  t.log(Object.fromEntries([...met].sort()));
  t.pass();
});

/** Every command is given the next sequence, or the one of the command that it repeats. */
async function submitAndCheck(
  engine: Engine,
  submissions: readonly Submission[],
  entrySizes: readonly number[],
): Promise<void> {
  const commands = submissions.map(({ command }) => command);
  const taken = await submitAll(engine, commands, entrySizes);
  let sequence = 0;
  const expected = submissions.map(({ repeats }) =>
    repeats === null ? { sequence: ++sequence, repeated: false } : { sequence: repeats, repeated: true },
  );
  assert.deepEqual(taken, expected, 'what is taken');
}

/** The shortest commands that fail, as lines with their sequences, and what differs. */
function explain(drafts: Drafts, error: unknown): string {
  const lines = commandsOf(drafts).map((command, i) => `${i + 1} ${encodeCommand(command)}`);
  return [`SEED=${seed}`, ...lines, error instanceof Error ? error.message : String(error)].join('\n');
}

function playNaively(commands: readonly Command[]): Outcome {
  const exchange = newNaiveExchange();
  const stored: Stored[] = [];
  const reports = commands.map((command, i) => {
    const report = applyNaively(exchange, command, followersOf(commands, i));
    stored.push(storedFor(exchange, commands.length, 0));
    return report;
  });
  return { reports, stored };
}

type Run = { readonly matched: number; readonly applied: number; readonly stored: Stored };

/** All calls are sent at once, since one connection keeps their order. A run may end with an entry, before its size. */
async function runAll(
  engine: Engine,
  expected: readonly Report[],
  runSize: number,
): Promise<{ runs: Run[]; reports: Report[] }> {
  const count = expected.length;
  const uncrossed = expected.filter(
    ({ command, productId }) => command.kind === 'product' && productId,
  ).length;
  const entries = await redis.xlen(shardKeys(engine.shard).commands);
  const steps = runSteps[runSize];
  // A run may end in the midst of a cascade or an uncross, of which each step is a run then; and an uncross begins one.
  const most = steps ? 4 * count : Math.ceil(count / runSize) + entries + uncrossed;
  const runs = Array.from({ length: most }, async () => {
    const run = match(engine.redis, engine.shard, steps ? { size: runSize, steps } : runSize);
    const stored = readStored(engine, productIds, accountHolders);
    return { ...(await run), stored: await stored };
  });
  const done = (await Promise.all(runs)).filter(({ applied }) => applied > 0);
  for (const { applied } of done) assert.ok(applied <= runSize, `a run of ${applied}, run size ${runSize}`);
  return { runs: done, reports: await readReports(engine) };
}

async function freshEngine(shard: string): Promise<Engine> {
  const parts = ['bids', 'asks', 'losses', 'entries', 'expiries'] as const;
  const books = productIds.flatMap((id) => parts.map((part) => bookKey(shard, id, part)));
  const accounts = accountHolders.map((traderId) => accountKey(shard, traderId));
  await redis.del(...Object.values(shardKeys(shard)), ...books, ...accounts, ...onceKeys(shard));
  return openEngine(redis, shard);
}

function onceKeys(shard: string): string[] {
  const oids = traderIds.flatMap((traderId) => clientOids.map((oid) => clientOidKey(shard, traderId, oid)));
  return [...oids, ...transferIds.map((id) => transferKey(shard, id))];
}

function count({ command, rejectReason, events }: Report): void {
  const kinds = events.map((e) =>
    e.kind === 'match' && e.uncrosses
      ? 'uncross'
      : e.kind === 'done'
        ? `done ${e.reason}`
        : e.kind === 'change'
          ? `change ${e.why} ${e.kept}`
          : e.kind,
  );
  for (const kind of [`${command.kind} ${rejectReason ?? 'ok'}`, ...kinds])
    met.set(kind, (met.get(kind) ?? 0) + 1);
}
