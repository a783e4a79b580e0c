import assert from 'node:assert/strict';
import test, { type ExecutionContext } from 'ava';
import type { Report } from '../../core/reports.ts';
import { type Engine, matchAll, openEngine, readReports, submitAll } from './engine.ts';
import { applyNaively, type NaiveExchange, newNaiveExchange } from './naive-book.ts';
import { useRedis } from './redis.ts';
import { announcement, describe, draw, readScenario, type Segment } from './scenario.ts';
import { readStored, storedFor } from './stored.ts';

const productIds = ['A-USD', 'B-USD', 'C-USD'];
/** C-USD is there for a scenario to announce. */
const announcements = ['A-USD', 'B-USD'].map((id) => announcement(id, 'online'));

type Options = {
  readonly runSizes?: readonly number[] /** The id of the first row's order. */;
  readonly firstId?: number;
};

/** A test that plays a scenario on the real scripts, once for each run size, and on the naive book, and compares it whole. */
export function scenarios() {
  const { redis, newShard } = useRedis();
  return test.macro(async (t: ExecutionContext, table: string, options: Options = {}) => {
    const { runSizes = [1, 2, 500], firstId = 1001 } = options;
    const base = firstId - 1;
    const segments = readScenario(table, base);
    for (const runSize of runSizes) {
      const from = base - announcements.length;
      const engine = await openEngine(redis, newShard(), from);
      const actual = await playScenario(engine, segments, { from, base, runSize });
      t.is(actual, written(segments), `run size ${runSize}`);
    }
  });
}

/** The table as it was written, but for spaces. */
function written(segments: readonly Segment[]): string {
  return segments
    .flatMap(({ rows, book }) => [...rows.map((row) => `${row.text} | ${row.outcome}`), ...book])
    .join('\n');
}

type Played = { readonly from: number; readonly base: number; readonly runSize: number };

/** The table as the engine fills it in. */
async function playScenario(engine: Engine, segments: readonly Segment[], played: Played): Promise<string> {
  const naive = newNaiveExchange(played.from);
  await submitAll(engine, announcements);
  const naiveReports = announcements.map((command) => applyNaively(naive, command));
  const lines: string[] = [];
  for (const { rows, book } of segments) {
    const commands = rows.map((row) => row.command);
    await submitAll(engine, commands);
    await matchAll(engine, played.runSize);
    naiveReports.push(...commands.map((command) => applyNaively(naive, command)));
    const reports = await agreeingReports(engine, naive, naiveReports, played.from);
    const outcomes = reports.slice(-rows.length).map((report) => describe(report, played.base));
    lines.push(...rows.map((row, i) => `${row.text} | ${outcomes[i]}`));
    if (book.length > 0) lines.push(...draw(await readStored(engine, productIds), played.base));
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
  assert.deepEqual(await readStored(engine, productIds), storedFor(naive, naive.sequence, from));
  return reports;
}
