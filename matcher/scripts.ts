import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

/** A Lua script as Redis runs it, with the files it includes put in place. */
export type Script = { readonly name: string; readonly source: string; readonly sha: string };

const folder = new URL('lua/', import.meta.url);

/** Reads `lua/<name>.lua`; a line `-- @include "part"` stands for the text of `lua/part.lua`. */
export function loadScript(name: string): Script {
  const source = read(name).replace(/^-- @include "([a-z-]+)"$/gm, (_, part: string) => read(part));
  return { name, source, sha: createHash('sha1').update(source).digest('hex') };
}

function read(name: string): string {
  return readFileSync(new URL(`${name}.lua`, folder), 'utf8');
}

/** Runs a script by its digest. Redis forgets scripts when it restarts; then it has not run, and is loaded and run again. */
export async function runScript(
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    await redis.script('LOAD', script.source);
    return await redis.evalsha(script.sha, keys.length, ...keys, ...args);
  }
}
