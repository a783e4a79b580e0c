// A run of faults from the first order to the last check.

import { setTimeout as sleep } from 'node:timers/promises';
import { count } from '../../console/figures.ts';
import { createRandom } from '../model/random.ts';
import { type Availability, watchAvailability } from './availability.ts';
import { compareBooks } from './books.ts';
import { compareAll } from './compare.ts';
import type { Faults } from './fault.ts';
import type { Findings } from './findings.ts';
import { type Load, startLoad } from './load.ts';
import { StuckError, until, whileSettled, within, withPostgres } from './look.ts';
import type { FaultsOptions } from './options.ts';
import { planOf, type Step } from './plan.ts';
import { type Proof, prove } from './prove.ts';
import type { Sent } from './record.ts';
import type { Scene } from './stage.ts';
import { readStored, type Stored } from './stored.ts';
import { watchWritten } from './written.ts';

export type RunParts<S extends Scene> = {
  readonly options: FaultsOptions;
  /** All kinds that this stage can have; those are played that the options name. */
  readonly faults: Faults<S>;
  readonly stage: S;
  /** Told which share is done. */
  readonly progress: (share: number, text: string) => void;
  readonly signal: AbortSignal;
};

export type RunResult = {
  readonly seconds: number;
  /** How many faults of each kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** Kinds that this machine could not play, and what they need. */
  readonly skipped: Readonly<Record<string, string>>;
  /** Faults at a chosen point that the exchange did not reach in time. */
  readonly missed: Readonly<Record<string, number>>;
  readonly sent: readonly Sent[];
  /** When orders were answered, and when PostgreSQL had more of them. */
  readonly answering: Tallies;
  readonly writing: Tallies;
  readonly answered: number;
  readonly findings: Findings;
  /** Auctions that ended with trades, and how many these were. */
  readonly uncrossed: Stored['uncrossed'];
  /** What did not come any more, if so. */
  readonly stuck: string | null;
  /** Which processes ended by themselves, and how; each was started again. */
  readonly ownEnds: readonly string[];
  /** Of each shard; none if the run ended before there was anything to prove. */
  readonly proofs: readonly Proof[];
};

type Tallies = Pick<Availability, 'longestMs' | 'of'>;

type Run<S extends Scene> = RunParts<S> & {
  readonly load: Load;
  readonly answering: Availability;
  readonly writing: Availability;
  readonly endWatches: readonly (() => void)[];
  readonly counts: Record<string, number>;
  /** What was answered amiss while a fault lasted. */
  readonly amiss: Findings['contradicted'];
  readonly missed: Record<string, number>;
  uncrossed: Stored['uncrossed'];
  last: string;
};

const faultsBetweenChecks = 50;

/** Many times what they take, so that a run that hangs ends with a sentence. */
const bounds = { faultMs: 240_000, proofMs: 1_800_000 };

export async function playFaults<S extends Scene>(parts: RunParts<S>): Promise<RunResult> {
  const { stage } = parts;
  const start = performance.now();
  const skipped = skippedOf(parts);
  const run = begin(parts);
  let [findings, proofs, stuck]: [Findings, Proof[], string | null] = [noFindings, [], null];
  try {
    await until('a first order', async () => run.load.answered() > 0);
    findings = await playAll(run, skipped);
    // First the pause: who is answered at last repeats nothing, and knows what became of it.
    await run.load.pause();
    await run.load.stop();
    if (isClean(findings)) {
      suspend(run);
      findings = await compareRun(run);
      for (const shard of stage.shards)
        proofs.push(
          await within(`the proof of ${shard}`, prove(stage, shard, parts.progress), bounds.proofMs),
        );
    }
  } catch (error) {
    if (!(error instanceof StuckError)) throw error;
    stuck = error.message;
  } finally {
    for (const end of run.endWatches) end();
    await run.load.stop();
  }
  const { counts, missed, load, answering, writing } = run;
  return {
    ...{ seconds: (performance.now() - start) / 1_000, faults: counts, skipped, missed, answering, writing },
    ...{ sent: load.sent, answered: load.answered(), findings, stuck, proofs },
    uncrossed: run.uncrossed,
    ownEnds: stage.ownEnds(),
  };
}

const noFindings: Findings = { lost: [], doubled: [], contradicted: [] };

export function isClean(findings: Findings): boolean {
  return Object.values(findings).every((list) => list.length === 0);
}

function begin<S extends Scene>(parts: RunParts<S>): Run<S> {
  const answering = watchAvailability();
  const writing = watchAvailability();
  const { port, token, products, funded, shards } = parts.stage;
  const load = startLoad({
    ...{ port: () => port, token, products, funded, seed: parts.options.seed },
    during: () => run.last,
    onAnswered: answering.answered,
  });
  const endWatches = shards.map((shard) => watchWritten(parts.stage, shard, () => writing.answered(1)));
  const run: Run<S> = {
    ...{ ...parts, load, answering, writing, endWatches },
    ...{ counts: {}, amiss: [], missed: {}, last: 'none', uncrossed: { auctions: 0, trades: 0 } },
  };
  return run;
}

/** Those of the options that this stage can have. */
function kindsOf<S extends Scene>({ options, faults }: RunParts<S>): string[] {
  return options.kinds.filter((kind) => kind in faults);
}

function skippedOf<S extends Scene>(parts: RunParts<S>): Record<string, string> {
  const { faults, stage } = parts;
  const lacking = kindsOf(parts).map((kind) => [kind, faults[kind]!.lacks?.(stage) ?? null] as const);
  return Object.fromEntries(lacking.filter((one): one is [string, string] => one[1] !== null));
}

/** Ends early as soon as a check in between finds something, so that it is found close to what did it. */
async function playAll<S extends Scene>(run: Run<S>, skipped: Record<string, string>): Promise<Findings> {
  const { options, faults, load, progress, signal } = run;
  const kinds = kindsOf(run).filter((kind) => !(kind in skipped));
  const weights = Object.fromEntries(kinds.map((kind) => [kind, faults[kind]!.weight]));
  const start = performance.now();
  const minutes = (): number => (performance.now() - start) / 60_000;
  let played = 0;
  for (const step of planOf(options.seed, weights)) {
    if (played === options.faults || minutes() > options.minutes || signal.aborted) break;
    const answered = count(load.answered());
    const share = Math.max(played / options.faults, minutes() / options.minutes);
    progress(share, `${played} faults, ${answered} orders answered, ${step.kind}`);
    await playStep(run, step);
    played++;
    if (played % faultsBetweenChecks > 0) continue;
    const findings = await check(run);
    if (!isClean(findings)) return findings;
  }
  return noFindings;
}

async function playStep<S extends Scene>(run: Run<S>, { kind, pauseMs, isHasty, seed }: Step): Promise<void> {
  const { stage, faults, load, counts, missed, amiss } = run;
  await sleep(pauseMs);
  for (const one of [run.answering, run.writing]) one.begin(kind);
  run.last = kind;
  counts[kind] = (counts[kind] ?? 0) + 1;
  const contradict = (says: string): void => {
    amiss.push({ during: kind, says });
  };
  try {
    const play = faults[kind]!.play({ stage, load, random: createRandom(seed), contradict });
    await within(kind, play, bounds.faultMs);
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') throw error;
    missed[kind] = (missed[kind] ?? 0) + 1;
  }
  if (isHasty) return;
  const enough = load.answered() + stage.ordersBetween;
  await until(`an order that is answered after ${kind}`, async () => load.answered() >= enough);
}

async function check<S extends Scene>(run: Run<S>): Promise<Findings> {
  await run.load.pause();
  suspend(run);
  const findings = await compareRun(run);
  for (const one of [run.answering, run.writing]) one.resume();
  run.load.resume();
  return findings;
}

/** While nobody asks, nobody waits. */
function suspend({ answering, writing }: Pick<Run<Scene>, 'answering' | 'writing'>): void {
  for (const one of [answering, writing]) one.suspend();
}

async function compareRun<S extends Scene>(run: Run<S>): Promise<Findings> {
  const { stage, load, amiss, last } = run;
  const { stored, books } = await whileSettled(stage, async () => {
    const stored = await withPostgres(stage, readStored);
    return { stored, books: await compareBooks(stage, stored, last) };
  });
  const found = compareAll(load.sent, stored);
  run.uncrossed = stored.uncrossed;
  return { ...found, contradicted: [...found.contradicted, ...amiss, ...books] };
}
