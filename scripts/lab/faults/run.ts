// A run of faults from the first order to the last check.

import { setTimeout as sleep } from 'node:timers/promises';
import { count } from '../../console/figures.ts';
import { createRandom } from '../model/random.ts';
import { type Availability, watchAvailability } from './availability.ts';
import { compareBooks } from './books.ts';
import { compareAll, type Findings } from './compare.ts';
import { faults } from './kinds.ts';
import { type Load, startLoad } from './load.ts';
import { StuckError, until, untilSettled, withPostgres } from './look.ts';
import type { FaultsOptions } from './options.ts';
import { planOf, type Step } from './plan.ts';
import { type Proof, prove } from './prove.ts';
import type { Sent } from './record.ts';
import type { Stage } from './stage.ts';
import { readStored } from './stored.ts';
import { watchWritten } from './written.ts';

export type RunParts = {
  readonly options: FaultsOptions;
  readonly stage: Stage;
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
  /** What did not come any more, if so. */
  readonly stuck: string | null;
  /** Which processes ended by themselves, and how; each was started again. */
  readonly ownEnds: readonly string[];
  /** Null if the run ended before there was anything to prove. */
  readonly proof: Proof | null;
};

type Tallies = Pick<Availability, 'longestMs' | 'of'>;

type Run = RunParts & {
  readonly load: Load;
  readonly answering: Availability;
  readonly writing: Availability;
  readonly endWatch: () => void;
  readonly counts: Record<string, number>;
  /** What was answered amiss while a fault lasted. */
  readonly amiss: Findings['contradicted'];
  readonly missed: Record<string, number>;
  last: string;
};

const faultsBetweenChecks = 50;

export async function playFaults(parts: RunParts): Promise<RunResult> {
  const { options, stage } = parts;
  const start = performance.now();
  const skipped = skippedOf(options.kinds, stage);
  const run = begin(parts);
  let [findings, proof, stuck]: [Findings, Proof | null, string | null] = [noFindings, null, null];
  try {
    await until('a first order', async () => run.load.answered() > 0);
    findings = await playAll(
      run,
      options.kinds.filter((kind) => !(kind in skipped)),
    );
    await run.load.stop();
    if (isClean(findings)) {
      suspend(run);
      await untilSettled(stage);
      findings = await compareRun(run);
      proof = await prove(stage, parts.progress);
    }
  } catch (error) {
    if (!(error instanceof StuckError)) throw error;
    stuck = error.message;
  } finally {
    run.endWatch();
    await run.load.stop();
  }
  const { counts, missed, load, answering, writing } = run;
  return {
    ...{ seconds: (performance.now() - start) / 1_000, faults: counts, skipped, missed, answering, writing },
    ...{ sent: load.sent, answered: load.answered(), findings, stuck, proof },
    ownEnds: Object.values(stage.actors)
      .flat()
      .flatMap((actor) => actor.ownEnds()),
  };
}

const noFindings: Findings = { lost: [], doubled: [], contradicted: [] };

export function isClean(findings: Findings): boolean {
  return Object.values(findings).every((list) => list.length === 0);
}

function begin(parts: RunParts): Run {
  const answering = watchAvailability();
  const writing = watchAvailability();
  const { port, token } = parts.stage;
  const load = startLoad({
    ...{ port: () => port, token, seed: parts.options.seed, during: () => run.last },
    onAnswered: answering.answered,
  });
  const endWatch = watchWritten(parts.stage, () => writing.answered(1));
  const run: Run = {
    ...{ ...parts, load, answering, writing, endWatch },
    ...{ counts: {}, amiss: [], missed: {}, last: 'none' },
  };
  return run;
}

function skippedOf(kinds: readonly string[], stage: Stage): Record<string, string> {
  const lacking = kinds.map((kind) => [kind, faults[kind]!.lacks?.(stage) ?? null] as const);
  return Object.fromEntries(lacking.filter((one): one is [string, string] => one[1] !== null));
}

/** Ends early as soon as a check in between finds something, so that it is found close to what did it. */
async function playAll(run: Run, kinds: readonly string[]): Promise<Findings> {
  const { options, load, progress, signal } = run;
  const start = performance.now();
  const minutes = (): number => (performance.now() - start) / 60_000;
  let played = 0;
  for (const step of planOf(options.seed, kinds)) {
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

async function playStep(run: Run, { kind, pauseMs, isHasty, seed }: Step): Promise<void> {
  const { stage, load, counts, missed, amiss } = run;
  await sleep(pauseMs);
  for (const one of [run.answering, run.writing]) one.begin(kind);
  run.last = kind;
  counts[kind] = (counts[kind] ?? 0) + 1;
  const contradict = (says: string): void => {
    amiss.push({ during: kind, says });
  };
  try {
    await faults[kind]!.play({ stage, load, random: createRandom(seed), contradict });
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') throw error;
    missed[kind] = (missed[kind] ?? 0) + 1;
  }
  if (isHasty) return;
  const before = load.answered();
  await until(`an order that is answered after ${kind}`, async () => load.answered() > before);
}

async function check(run: Run): Promise<Findings> {
  await run.load.pause();
  suspend(run);
  await untilSettled(run.stage);
  const findings = await compareRun(run);
  for (const one of [run.answering, run.writing]) one.resume();
  run.load.resume();
  return findings;
}

/** While nobody asks, nobody waits. */
function suspend({ answering, writing }: Run): void {
  for (const one of [answering, writing]) one.suspend();
}

async function compareRun({ stage, load, amiss, last }: Run): Promise<Findings> {
  const stored = await withPostgres(stage, readStored);
  const found = compareAll(load.sent, stored);
  const books = await compareBooks(stage, stored, last);
  return { ...found, contradicted: [...found.contradicted, ...amiss, ...books] };
}
