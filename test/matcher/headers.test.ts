import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';
import type { Redis } from 'ioredis';
import { encodeCommand } from '../../core/wire/commands.ts';
import { createSubmit, match } from '../../matcher/client.ts';
import { loadScript } from '../../matcher/scripts.ts';
import { cancelCommand, depositCommand, placeCommand, productCommand } from '../support/commands.ts';
import { generous, openEngine } from '../support/engine.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();

type Call = { readonly keys: string[]; readonly args: string[]; readonly reply: unknown };
type Documented = { readonly index: string; readonly text: string };

/** The `---` and `--` lines at the top of an entry file. */
function headerOf(name: string): string[] {
  const source = readFileSync(new URL(`../../matcher/lua/${name}.lua`, import.meta.url), 'utf8');
  const lines = source.split('\n').slice(1);
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith('--')),
    )
    .map((line) => line.replace(/^--+ ?/, ''));
}

/** `KEYS[1] stream ...` → `{ index: '1', text: 'stream ...' }`. */
function documented(name: string, what: 'KEYS' | 'ARGV'): Documented[] {
  const found = headerOf(name).map((line) => /^(KEYS|ARGV)\[([^\]]+)\] (.+)$/.exec(line));
  return found.filter((line) => line?.[1] === what).map((line) => ({ index: line![2]!, text: line![3]! }));
}

/** The words in the braces after `Reply:`. */
function documentedReply(name: string): string[] {
  const line = headerOf(name).find((line) => line.startsWith('Reply: '));
  return /^Reply: \{([^}]*)\}/.exec(line ?? '')?.[1]?.split(', ') ?? [];
}

/** The last script call that was made through `use`, with Redis' own answer. */
async function recorded(use: (redis: Redis) => Promise<unknown>): Promise<Call> {
  const calls: Call[] = [];
  const evalsha = async (sha: string, count: number, ...rest: (string | number)[]): Promise<unknown> => {
    const reply = await redis.evalsha(sha, count, ...rest);
    const words = rest.map(String);
    calls.push({ keys: words.slice(0, count), args: words.slice(count), reply });
    return reply;
  };
  await use({ evalsha } as unknown as Redis);
  return calls.at(-1)!;
}

const key = (text: string, shard: string): string =>
  /\{shard\}(?:<[^>]+>|[^\s,<])+/.exec(text)![0].replace('{shard}', `{${shard}}`);
const type = (text: string): string | undefined => /^(stream|hash|string)\b/.exec(text)?.[1];

test('the header of match.lua names every key and argument that the client passes, in order', async (t) => {
  const { shard } = await openEngine(redis, newShard());
  const call = await recorded((redis) => match(redis, shard, { size: 123, steps: 456 }));
  const keys = documented('match', 'KEYS');
  t.deepEqual(
    keys.map(({ index }) => index),
    call.keys.map((_, i) => String(i + 1)),
  );
  t.deepEqual(
    keys.map(({ text }) => key(text, shard)),
    call.keys,
  );
  t.deepEqual(
    documented('match', 'ARGV').map(({ index }) => index),
    ['1', '2', '3', '4'],
  );
  t.deepEqual(call.args, ['123', '456', '0', '']);
});

test('the header of match.lua tells the reply', async (t) => {
  const { shard } = await openEngine(redis, newShard(), 70);
  await createSubmit(redis, shard, generous)([placeCommand(), placeCommand(), placeCommand()]);
  const call = await recorded((redis) => match(redis, shard, 2));
  t.deepEqual(documentedReply('match'), ['matched', 'applied', 'steps', 'left']);
  t.deepEqual(call.reply, [72, 2, 0, 1]);
});

const limits = { maxUnmatched: 1_001, maxUnpersisted: 1_002, clientOidWindowMs: 1_003 };
const named = placeCommand({ clientOid: 'b', traderId: 8 });
const moved = depositCommand({ transferId: 'c' });
const commands = [
  placeCommand({ clientOid: 'a', traderId: 7 }),
  cancelCommand(),
  named,
  placeCommand(),
  moved,
];

test('the header of submit.lua names every key that the client passes, in order', async (t) => {
  const { shard } = await openEngine(redis, newShard());
  const call = await recorded((redis) => createSubmit(redis, shard, limits)(commands));
  const keys = documented('submit', 'KEYS');
  t.deepEqual(
    keys.map(({ index }) => index),
    ['1', '2', '3', '4..'],
  );
  t.deepEqual(
    keys.slice(0, 3).map(({ text }) => key(text, shard)),
    call.keys.slice(0, 3),
  );
  const [oidKey, transferKey] = keys[3]!.text.split(' or ').map((text) => key(text, shard)) as [
    string,
    string,
  ];
  const oid = (trader: string, clientOid: string) =>
    oidKey.replace('<trader>', trader).replace('<client_oid>', clientOid);
  t.deepEqual(call.keys.slice(3), [oid('7', 'a'), oid('8', 'b'), transferKey.replace('<transfer id>', 'c')]);
});

test('the header of submit.lua names every argument that the client passes, in order', async (t) => {
  const { shard } = await openEngine(redis, newShard());
  const { args } = await recorded((redis) => createSubmit(redis, shard, limits)(commands));
  const said = documented('submit', 'ARGV');
  t.deepEqual(
    said.map(({ index }) => index),
    ['1', '2', '3', '4', '5', '6', '7', '8', '9..'],
  );
  t.regex(said[0]!.text, /wait for the matcher/);
  t.regex(said[1]!.text, /wait for PostgreSQL/);
  t.regex(said[2]!.text, /milliseconds .* is remembered/);
  t.deepEqual(args.slice(0, 4), ['1001', '1002', '1003', String(commands.length)]);
  t.is(args[4], commands.map(encodeCommand).join('\n'));
  t.deepEqual(args.slice(5), ['7 1 8', '0', '', '1', '3', '5']);
});

test('the header of submit.lua tells the reply', async (t) => {
  const { shard } = await openEngine(redis, newShard(), 70);
  await createSubmit(redis, shard, limits)([named]);
  const call = await recorded((redis) => createSubmit(redis, shard, limits)(commands));
  t.deepEqual(documentedReply('submit'), ['first', 'line', 'sequence', 'line', 'sequence', '...']);
  t.deepEqual(call.reply, [72, 3, 71]);
});

for (const name of ['match', 'submit']) {
  test(`the header of ${name}.lua tells the types of its keys`, async (t) => {
    const { shard } = await openEngine(redis, newShard());
    await createSubmit(redis, shard, generous)([productCommand(), named]);
    await match(redis, shard, 10);
    for (const { text } of documented(name, 'KEYS').filter(({ text }) => type(text))) {
      const stored = key(text, shard).replace('<trader>', '8').replace('<client_oid>', 'b');
      t.is(await redis.type(stored), type(text)!, stored);
    }
  });

  test(`the header of ${name}.lua lists the errors that the script replies, and no other`, (t) => {
    const replied = [...loadScript(name).source.matchAll(/error_reply\((?:format\()?'([A-Z]+) /g)].map(
      (found) => found[1],
    );
    const errors = headerOf(name).find((line) => line.startsWith('Errors: ')) ?? '';
    t.deepEqual(
      [...errors.matchAll(/\b[A-Z]{2,}\b/g)].map(([word]) => word!).sort(),
      [...new Set(replied)].sort(),
    );
  });

  test(`${name}.lua says in its first line of comment what it does`, (t) => {
    t.regex(headerOf(name)[0]!, /^[A-Z].+[.:]/);
  });
}

test('no script reads a clock or draws lots: every time comes in a command', (t) => {
  const folder = new URL('../../matcher/lua/', import.meta.url);
  const files = readdirSync(folder);
  t.true(files.includes('match.lua') && files.includes('submit.lua'));
  for (const file of files) {
    const source = readFileSync(new URL(file, folder), 'utf8');
    t.notRegex(source, /call\(\s*['"](TIME|RANDOMKEY|SRANDMEMBER|HRANDFIELD|ZRANDMEMBER|SPOP)['"]/i, file);
    t.notRegex(source, /\bos\s*\.|math\.random/, file);
  }
});
