// Recorded commands through the real scripts.

import { shardKeys } from '../../../core/keys.ts';
import type { EventsEntry } from '../../../core/wire/events.ts';
import { match, mostCommandsAnEntry, prepareShard } from '../../../matcher/client.ts';
import { loadScript, runScript } from '../../../matcher/scripts.ts';
import { entriesBetween } from '../audit/events.ts';
import { ahead } from './ahead.ts';
import type { Namespace } from './namespace.ts';
import type { Page } from './recorded.ts';

/** What a page came to. */
export type Played = { readonly page: Page; readonly entries: readonly EventsEntry[] };

/** As large as the script allows, since nobody waits for the single command. */
const runSize = 2_000;
const noLimit = Number.MAX_SAFE_INTEGER;
/** Nobody reads from a replay, so nobody has to wait for what a trader wrote. */
const noTraders = '';
const nothingKnown = 0;
/** What is recorded together was taken together. */
const noBatches = '';
const submitScript = loadScript('submit');
const scripts = [submitScript, loadScript('match')];

export type Standing = {
  readonly sequence: number;
  /** What has been submitted by now. */
  submitted: number;
  readonly matched: number;
  /** What has been compared, and need not be again. */
  readonly compared: number;
};

/**
 * Where a namespace stands; an empty one begins at `first`. Scripts are loaded before they are called, because a call that
 * had to load its script would come after calls that were sent later.
 */
export async function prepareNamespace({ redis, name }: Namespace, first: number): Promise<Standing> {
  for (const { source } of scripts) await redis.script('LOAD', source);
  await prepareShard(redis, name, first - 1);
  const state = await redis.hmget(shardKeys(name).state, 'sequence', 'matched', 'persisted');
  const [sequence, matched, compared] = state.map(Number) as [number, number, number];
  return { sequence, submitted: sequence, matched, compared };
}

/**
 * Plays page after page; what an interrupted replay has played already is only read. Redis plays the next page while this one
 * is read, on a connection of its own, so that it never waits for us.
 */
export async function* play(
  namespace: Namespace,
  pages: AsyncGenerator<Page>,
  standing: Standing,
): AsyncGenerator<Played> {
  const reading = namespace.redis.duplicate();
  try {
    for await (const page of ahead(run(namespace, pages, standing))) {
      const between = { after: page.first - 1, through: page.last };
      yield { page, entries: await Array.fromAsync(entriesBetween(reading, namespace.name, between)) };
    }
  } finally {
    reading.disconnect();
  }
}

async function* run(
  namespace: Namespace,
  pages: AsyncGenerator<Page>,
  standing: Standing,
): AsyncGenerator<Page> {
  for await (const page of pages) {
    const [, matched] = await Promise.all([submit(namespace, page, standing), matchPage(namespace, page)]);
    if (matched < page.last || matched > Math.max(page.last, standing.sequence))
      throw new Error(`the namespace ${namespace.name} is in use by another replay`);
    yield page;
  }
}

/**
 * Without the keys that make a client order id or a transfer id count once: what is in the sequence was taken, and Redis may
 * have forgotten the id by then.
 */
async function submit({ redis, name }: Namespace, page: Page, standing: Standing): Promise<void> {
  const keys = shardKeys(name);
  const calls: Promise<unknown>[] = [];
  const { first } = page;
  const lines = [...page.lines, ...page.ahead];
  const last = first + lines.length - 1;
  const begin = Math.max(first, standing.submitted + 1);
  standing.submitted = Math.max(last, standing.submitted);
  for (let from = begin; from <= last; from += mostCommandsAnEntry) {
    const entry = lines.slice(from - first, from - first + mostCommandsAnEntry);
    const limits = [noLimit, noLimit, 1];
    calls.push(
      runScript(
        redis,
        submitScript,
        [keys.commands, keys.state, keys.written],
        [...limits, entry.length, entry.join('\n'), noTraders, nothingKnown, noBatches],
      ),
    );
  }
  await Promise.all(calls);
}

/** Sent right behind the page's commands, on the same connection, so that Redis does not wait for us in between. */
async function matchPage({ redis, name }: Namespace, { first, last }: Page): Promise<number> {
  // A run may end with an entry before it has its size, and the page before may have brought one.
  const count = last - first + 1;
  const runs = Math.ceil(count / runSize) + Math.ceil(count / mostCommandsAnEntry) + 1;
  // Nobody waits for this Redis, so that a run may make all the steps that its commands take.
  const bounds = { size: runSize, steps: Number.MAX_SAFE_INTEGER, through: last };
  const done = await Promise.all(Array.from({ length: runs }, () => match(redis, name, bounds)));
  let { matched } = done.at(-1)!;
  // The end of an auction begins a run, so that the one before it ends early.
  for (let before = -1; matched < last && matched > before; ) {
    before = matched;
    ({ matched } = await match(redis, name, bounds));
  }
  return matched;
}

/** Remembers that a page was compared, and drops it from the streams. */
export async function leave({ redis, name }: Namespace, { last }: Page): Promise<void> {
  const { commands, events, state } = shardKeys(name);
  await redis
    .multi()
    .hset(state, 'persisted', last)
    .xtrim(commands, 'MINID', '~', `0-${last - mostCommandsAnEntry}`)
    .xtrim(events, 'MINID', '~', `0-${last}`)
    .exec();
}
