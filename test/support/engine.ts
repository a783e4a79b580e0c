import assert from 'node:assert/strict';
import type { Redis } from 'ioredis';
import { shardKeys } from '../../core/keys.ts';
import type { Command } from '../../core/wire/commands.ts';
import { decodeReports } from '../../core/wire/decode-reports.ts';
import { readEventsEntry } from '../../core/wire/events.ts';
import type { Report } from '../../core/wire/reports.ts';
import { createSubmit, match, prepareShard, type SubmitLimits, type Taken } from '../../matcher/client.ts';

/** The real scripts in a real Redis, on a shard of their own. */
export type Engine = { readonly redis: Redis; readonly shard: string };

export const generous: SubmitLimits = {
  maxUnmatched: 1_000_000,
  maxUnpersisted: 10_000_000,
  clientOidWindowMs: 60_000,
};

/** An engine whose next sequence is `from` + 1. */
export async function openEngine(redis: Redis, shard: string, from = 0): Promise<Engine> {
  await prepareShard(redis, shard, from);
  return { redis, shard };
}

/** Submits the commands in order, in entries of the sizes given, over and over. */
export async function submitAll(
  { redis, shard }: Engine,
  commands: readonly Command[],
  entrySizes: readonly number[] = [1_000],
): Promise<Taken[]> {
  const entries: Promise<Taken[]>[] = [];
  for (let from = 0, i = 0; from < commands.length; i++) {
    const size = entrySizes[i % entrySizes.length]!;
    // One `submit` would gather all of this turn into one entry.
    entries.push(createSubmit(redis, shard, generous)(commands.slice(from, from + size)));
    from += size;
  }
  return (await Promise.all(entries)).flat();
}

/** Runs until nothing is left to match; returns how many commands that were. */
export async function matchAll({ redis, shard }: Engine, runSize = 500): Promise<number> {
  let applied = 0;
  for (;;) {
    const run = await match(redis, shard, runSize);
    if (run.applied === 0 && run.steps === 0) return applied;
    applied += run.applied;
  }
}

export async function play(engine: Engine, commands: readonly Command[], runSize = 500): Promise<Report[]> {
  await submitAll(engine, commands);
  await matchAll(engine, runSize);
  return readReports(engine);
}

export async function readReports(engine: Engine): Promise<Report[]> {
  return decodeReports(await readEvents(engine));
}

/** The text of all events, after proof that every entry begins where the one before it ended. */
export async function readEvents({ redis, shard }: Engine): Promise<string> {
  const entries = await redis.xrangeBuffer(shardKeys(shard).events, '-', '+');
  let last: number | undefined;
  const texts = entries.map(([id, fields]) => {
    const { first, last: end, text } = readEventsEntry([id, fields]);
    assert.deepEqual([fields[0], fields[2]].map(String), ['first', 'reports']);
    assert.equal(first, (last ?? first - 1) + 1, 'an entry begins after the last sequence of the one before');
    last = end;
    return String(text);
  });
  return texts.join('');
}
