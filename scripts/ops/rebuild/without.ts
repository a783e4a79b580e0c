// Matches a shard again from a report that PostgreSQL refuses, without the command that it is about.
//
// Nothing can be written behind such a report, and nothing may be skipped: what came after it was matched with its effects. So
// the shard goes back to what PostgreSQL has, the sequence at fault becomes void, and what was accepted after it is matched
// again under its own sequences, with whatever outcome it has then. The streams are put aside in the step that empties the
// shard, so that all of this may be interrupted anywhere and said again.

import type { Redis } from 'ioredis';
import { type CommonQueryMethods, sql } from 'slonik';
import { shardKeys } from '../../../core/keys.ts';
import { decodeCommand } from '../../../core/wire/commands.ts';
import { readEventsEntry } from '../../../core/wire/events.ts';
import { type Continuation, decideContinuation, type Wish } from './continuation.ts';
import { removeExisting } from './existing-keys.ts';
import { fillShard, newVoidedBy, type Rebuild, type Rebuilt } from './rebuild.ts';
import { Refusal } from './refusal.ts';
import { insteadOfWriter, loadRange } from './source.ts';

export type WithoutCommand = Omit<Rebuild, 'decide'> & {
  /** The command that PostgreSQL refuses the report of. */
  readonly sequence: number;
  /** What becomes of the commands after it; null: they are listed, and nothing is touched. */
  readonly lost: Wish['lost'];
  /** Told each line of the reports that will not count any more. */
  readonly show: (line: string) => void;
};

/** Throws `Refusal`, having touched nothing, unless the writer stopped at this very sequence and everything else is stopped. */
export async function rebuildWithout(wanted: WithoutCommand): Promise<Rebuilt> {
  const { redis, connection, shard, sequence } = wanted;
  const keys = shardKeys(shard);
  return insteadOfWriter(connection, shard, async () => {
    const range = await loadRange(connection, shard);
    const isAside = (await redis.exists(keys.asideCommands)) === 1;
    await assertNobodyFollows(redis, shard);
    const error = await refusalOf(redis, shard, { sequence, checkpoint: range.checkpoint });
    const commands = await commandsFrom(redis, isAside ? keys.asideCommands : keys.commands, sequence);
    const reports = await reportsFrom(redis, isAside ? keys.asideEvents : keys.events, sequence);
    reports.forEach(wanted.show);
    const continuation = continueWithout(commands, wanted);
    const voidedBy = newVoidedBy();
    const [command, report] = [commands.get(sequence), ownLines(reports)];
    const body = { sequence, command, report, error, after: wanted.lost, commands_after: commands.size - 1 };
    await recordOperation(connection, voidedBy.requestId, body);
    if (!isAside) await putAside(redis, shard);
    // A trader who asked for its orders to be canceled by a certain time still wants that.
    const staying = [keys.asideCommands, keys.asideEvents, keys.dead, keys.sessions];
    await removeExisting(redis, shard, { marked: true, leftOver: [] }, staying);
    const rebuilt = await fillShard(wanted, range, continuation, voidedBy);
    await redis.unlink(keys.asideCommands, keys.asideEvents, keys.dead);
    return rebuilt;
  });
}

/** An api goes by what it was told; one that stays would show books and orders that never were. */
async function assertNobodyFollows(redis: Redis, shard: string): Promise<void> {
  const { persisted } = shardKeys(shard);
  const [, listeners] = (await redis.pubsub('NUMSUB', persisted)) as [string, number];
  if (listeners > 0)
    throw new Refusal(
      `${listeners} processes follow shard ${shard}. Stop every api, matcher and writer first.`,
    );
}

/** Why PostgreSQL refused it. */
async function refusalOf(
  redis: Redis,
  shard: string,
  { sequence, checkpoint }: { readonly sequence: number; readonly checkpoint: number },
): Promise<string> {
  const [last] = await redis.xrevrange(shardKeys(shard).dead, '+', '-', 'COUNT', 1);
  const [, refused, , error] = last?.[1] ?? [];
  if (refused === String(sequence) && checkpoint === sequence - 1) return error!;
  throw new Refusal(
    `PostgreSQL has shard ${shard} up to ${checkpoint}, and ` +
      (refused === undefined
        ? 'refused no report.'
        : `the last report that it refused is that of ${refused}.`) +
      ' Only the report at which the writer stopped can be left out.',
  );
}

/** The commands from a sequence on, as they were accepted. */
async function commandsFrom(redis: Redis, stream: string, first: number): Promise<Map<number, string>> {
  const lines = new Map<number, string>();
  const [begin] = await redis.xrevrange(stream, `0-${first}`, '-', 'COUNT', 1);
  for (let from = begin?.[0]; from !== undefined; ) {
    const page = await redis.xrange(stream, from, '+', 'COUNT', 100);
    for (const [id, [, text]] of page)
      for (const [i, line] of text!.split('\n').entries()) {
        const sequence = Number(id.slice(2)) + i;
        if (sequence >= first) lines.set(sequence, line);
      }
    const last = page.at(-1)?.[0];
    from = last === undefined ? undefined : `(${last}`;
  }
  if (!lines.has(first)) throw new Refusal(`Redis does not have the command of sequence ${first}.`);
  return lines;
}

/** The lines of the reports from a sequence on. */
async function reportsFrom(redis: Redis, stream: string, first: number): Promise<string[]> {
  const entries = await redis.xrangeBuffer(stream, `0-${first}`, '+');
  const lines = entries.flatMap((entry) =>
    String(readEventsEntry(entry).text)
      .split('\n')
      .filter((line) => line !== ''),
  );
  const begin = lines.findIndex((line) => line.startsWith(`${first} `));
  return begin < 0 ? [] : lines.slice(begin);
}

/** Those of the first report: its head, and what follows until the next. */
function ownLines([head, ...rest]: readonly string[]): string[] {
  const next = rest.findIndex((line) => /^\d/.test(line));
  return head === undefined ? [] : [head, ...(next < 0 ? rest : rest.slice(0, next))];
}

function continueWithout(commands: Map<number, string>, { sequence, lost }: WithoutCommand): Continuation {
  const last = sequence + commands.size - 1;
  if (lost === null)
    throw new Refusal(
      `The reports above, of ${sequence} to ${last} as far as they were matched, would not count any more. Keep this list. Then say ` +
        `--resubmit to have the ${last - sequence} commands after ${sequence} matched again under their own sequences, or ` +
        '--void to give them up as well.',
    );
  const lastVoid = lastWith(commands, sequence);
  const found = new Map([...commands].filter(([each]) => each > lastVoid));
  if (found.size === 0) return { first: sequence, last, lines: found };
  const after = decideContinuation(lastVoid, found.size, { found, after: null, lost });
  return { ...after, first: sequence, last };
}

/** Orders of an all-or-none batch do not come in without its command. */
function lastWith(commands: ReadonlyMap<number, string>, sequence: number): number {
  const command = decodeCommand(commands.get(sequence)!);
  return command.kind === 'batch' ? sequence + command.count : sequence;
}

/** In one step, so that there is always all of it somewhere. The marker keeps everyone from preparing the shard meanwhile. */
async function putAside(redis: Redis, shard: string): Promise<void> {
  const keys = shardKeys(shard);
  const step = redis.multi().rename(keys.commands, keys.asideCommands);
  if ((await redis.exists(keys.events)) === 1) step.rename(keys.events, keys.asideEvents);
  await step.hset(keys.rebuild, 'matched', 0).del(keys.state).exec();
}

/** Stands with what operators do, since it is the gravest thing that they can do. */
async function recordOperation(
  connection: CommonQueryMethods,
  requestId: string,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  const text = JSON.stringify(body).replaceAll('\\u0000', '');
  await connection.query(sql.unsafe`
    insert into operations (request_id, method, path, status, body)
    values (${requestId}, 'RUN', '/rebuild', 200, ${text}::jsonb)`);
}
