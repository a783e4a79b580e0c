import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** A Lua script as Redis runs it, with the files it includes put in place. */
export type Script = { readonly name: string; readonly source: string; readonly sha: string };

const folder = new URL('lua/', import.meta.url);
/** Those that were read so far, by name. */
const scripts = new Map<string, Script>();

/** Reads `lua/<name>.lua`; a line `-- @include "part"` stands for the text of `lua/part.lua`. */
export function loadScript(name: string): Script {
  const known = scripts.get(name);
  if (known) return known;
  const source = read(name).replace(/^-- @include "([a-z-]+)"$/gm, (_, part: string) => read(part));
  const script = { name, source, sha: createHash('sha1').update(source).digest('hex') };
  scripts.set(name, script);
  return script;
}

function read(name: string): string {
  return readFileSync(new URL(`${name}.lua`, folder), 'utf8');
}

/**
 * Runs a script by its digest. Redis forgets scripts when it restarts; then a call has not run, and is made again once they
 * are loaded. Calls on one connection run in the order in which they were made, those that Redis refused included.
 */
export async function runScript(
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const before = reloads.get(redis);
  if (before) await before.passed;
  for (;;) {
    try {
      return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      await reload(redis).loaded;
    }
  }
}

/**
 * The loading of a connection's scripts. Redis answers it after all that it refused before, so that these calls have come to
 * wait for `loaded` by then; calls that are made meanwhile wait for `passed`, which comes after the others are sent.
 */
type Reload = { readonly loaded: Promise<unknown>; readonly passed: Promise<void> };
const reloads = new WeakMap<Redis, Reload>();

function reload(redis: Redis): Reload {
  const underWay = reloads.get(redis);
  if (underWay) return underWay;
  const loads = [...scripts.values()].map(({ source }) => redis.call('SCRIPT', 'LOAD', source));
  const loaded = Promise.all(loads);
  const passed = loaded.then(
    () => {},
    () => {}, // those that wait for `loaded` are told
  );
  const started = { loaded, passed };
  reloads.set(redis, started);
  void passed.then(() => reloads.delete(redis));
  return started;
}
