import assert from 'node:assert/strict';
import test, { type ExecutionContext } from 'ava';
import type { Funding } from '../../core/product.ts';
import type { Command } from '../../core/wire/commands.ts';
import type { Report } from '../../core/wire/reports.ts';
import { oneToOne } from './commands.ts';
import { type Engine, matchAll, openEngine, readReports, submitAll } from './engine.ts';
import { assertSound } from './money-invariants.ts';
import { applyAllNaively, newNaiveExchange } from './naive-book.ts';
import type { NaiveExchange } from './naive-exchange.ts';
import { useRedis } from './redis.ts';
import { announcement, describe, draw, readMovement, readScenario, type Segment } from './scenario.ts';
import { readStored, storedFor } from './stored.ts';

const productIds = ['A-USD', 'B-USD', 'C-USD'];

type Options = {
  readonly runSizes?: readonly number[];
  /** The id of the first row's order. */
  readonly firstId?: number;
  /** What traders have before the first row, as `ann 100 USD, bob 7 CARD`. If it is given, A-USD is funded. */
  readonly purse?: string;
  /** How A-USD is paid for then, if not one unit a lot and one a quote unit. */
  readonly funding?: Funding;
};

/** A test that plays a scenario on the real scripts, once for each run size, and on the naive book, and compares it whole. */
export function scenarios() {
  const { redis, newShard } = useRedis();
  return test.macro(async (t: ExecutionContext, table: string, options: Options = {}) => {
    const { runSizes = [1, 2, 500], firstId = 1001, purse } = options;
    const funding = purse === undefined ? null : (options.funding ?? oneToOne);
    const base = firstId - 1;
    const segments = readScenario(table, { base, funding });
    const preface = [...announcements(funding), ...deposits(purse ?? '')];
    for (const runSize of runSizes) {
      const engine = await openEngine(redis, newShard(), base - preface.length);
      const actual = await playScenario(engine, segments, { preface, base, runSize });
      t.is(actual, written(segments), `run size ${runSize}`);
    }
  });
}

/** C-USD is there for a scenario to announce. */
function announcements(funding: Funding | null): Command[] {
  return [announcement('A-USD', 'online', { funding }), announcement('B-USD', 'online')];
}

function deposits(purse: string): Command[] {
  const sums = purse.split(', ').filter((text) => text !== '');
  return sums.map((text, i) => {
    const deposit = readMovement(text.replace(' ', ' deposit '), `purse-${i}`);
    if (!deposit) throw new Error(`not a sum that a trader has: ${text}`);
    return deposit;
  });
}

/** The table as it was written, but for spaces. */
function written(segments: readonly Segment[]): string {
  return segments
    .flatMap(({ rows, book }) => [...rows.map((row) => `${row.text} | ${row.outcome}`), ...book])
    .join('\n');
}

type Played = {
  /** What comes before the first row. */
  readonly preface: readonly Command[];
  readonly base: number;
  readonly runSize: number;
};

/** The table as the engine fills it in. */
async function playScenario(engine: Engine, segments: readonly Segment[], played: Played): Promise<string> {
  const { preface, base, runSize } = played;
  const from = base - preface.length;
  const naive = newNaiveExchange(from);
  await submitAll(engine, preface);
  const naiveReports = applyAllNaively(naive, preface);
  const lines: string[] = [];
  for (const { rows, book } of segments) {
    const commands = rows.map((row) => row.command);
    await submitAll(engine, commands);
    await matchAll(engine, runSize);
    naiveReports.push(...applyAllNaively(naive, commands));
    const reports = await agreeingReports(engine, naive, naiveReports, from);
    const outcomes = reports.slice(-rows.length).map((report) => describe(report, base));
    lines.push(...rows.map((row, i) => `${row.text} | ${outcomes[i]}`));
    if (book.length > 0) lines.push(...draw(await readStored(engine, productIds), base));
  }
  return lines.join('\n');
}

/** All reports so far, which must be the naive book's, as must all that Redis holds. */
async function agreeingReports(
  engine: Engine,
  naive: NaiveExchange,
  naiveReports: Report[],
  from: number,
): Promise<Report[]> {
  const reports = await readReports(engine);
  assert.deepEqual(reports, naiveReports);
  const stored = await readStored(engine, productIds);
  assert.deepEqual(stored, storedFor(naive, naive.sequence, from));
  assertSound(stored);
  return reports;
}
