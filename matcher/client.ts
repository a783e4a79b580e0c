import type { Redis } from 'ioredis';
import { clientOidKey, shardKeys, transferKey } from '../core/keys.ts';
import { createKnown, type Known } from '../core/known.ts';
import { type Command, encodeCommand } from '../core/wire/commands.ts';
import { loadScript, runScript } from './scripts.ts';

const submitScript = loadScript('submit');
const matchScript = loadScript('match');

/** Lines of one submit script call at most, so that no entry is larger than the largest batch of one request. */
export const mostCommandsAnEntry = 1_000;

/**
 * The sequence a command has; `repeated` if an earlier command with the same client order id or transfer id had taken it. Of an
 * all-or-none batch all are repeated or none is; where only some would be, nothing is taken, and the sequence is `noSequence`.
 */
export type Taken = { readonly sequence: number; readonly repeated: boolean };

/** No command ever has it. */
export const noSequence = 0;

export type SubmitLimits = {
  readonly maxUnmatched: number;
  readonly maxUnpersisted: number;
  readonly clientOidWindowMs: number;
  /** With replicas a primary may be lost with sequences that nobody was told of: answers alone prove nothing then. */
  readonly minReplicas?: number;
};

/** Takes up to `mostCommandsAnEntry` commands into the sequence, next to each other and in order, or none of them. */
export type Submit = (commands: readonly Command[]) => Promise<Taken[]>;

/** Commands were not taken; `certain` is false if the answer was lost, so that they may have been. */
export class SubmitError extends Error {
  readonly certain: boolean;
  readonly backlog: boolean;
  /** Redis has less than this process has seen. */
  readonly behind: boolean;
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'SubmitError';
    this.backlog = cause.message.startsWith('BACKLOG');
    this.behind = cause.message.startsWith('BEHIND');
    // Redis refuses with an upper-case word first; ioredis refuses to queue what it cannot send. All else may have been sent.
    this.certain = /^[A-Z]{2,} /.test(cause.message) || cause.message.startsWith("Stream isn't writeable");
  }
}

type Request = {
  readonly commands: readonly Command[];
  readonly resolve: (taken: Taken[]) => void;
  readonly reject: (error: Error) => void;
};

/**
 * Gathers what is submitted within one turn of the event loop into one script call, which costs Redis and Node a third
 * of a call each; and while a call is under way, what comes until it is answered, unless that fills an entry by itself. So the
 * busier Redis is, the fewer calls do the work. The connection must never send twice: `connectOnce` in `core/redis.ts`. Every
 * answer proves sequences.
 */
export function createSubmit(
  redis: Redis,
  shard: string,
  limits: SubmitLimits,
  known = createKnown(),
): Submit {
  const submitter = { redis, shard, limits, known };
  let waiting: Request[] = [];
  let commandsWaiting = 0;
  let underWay = 0;
  let isDue = false;
  const flush = async (): Promise<void> => {
    isDue = false;
    const requests = waiting;
    waiting = [];
    commandsWaiting = 0;
    underWay++;
    await Promise.all(entriesOf(requests).map((entry) => submitEntry(submitter, entry)));
    underWay--;
    flushIfDue();
  };
  const flushIfDue = (): void => {
    if (isDue || waiting.length === 0) return;
    if (underWay > 0 && commandsWaiting < mostCommandsAnEntry) return;
    isDue = true;
    setImmediate(flush);
  };
  return (commands) =>
    new Promise((resolve, reject) => {
      waiting.push({ commands, resolve, reject });
      commandsWaiting += commands.length;
      flushIfDue();
    });
}

function entriesOf(requests: readonly Request[]): Request[][] {
  const entries: Request[][] = [];
  let room = 0;
  for (const request of requests) {
    if (request.commands.length > room || entries.length === 0) {
      entries.push([]);
      room = mostCommandsAnEntry;
    }
    entries.at(-1)!.push(request);
    room -= request.commands.length;
  }
  return entries;
}

type Submitter = {
  readonly redis: Redis;
  readonly shard: string;
  readonly limits: SubmitLimits;
  readonly known: Known;
};

/** They empty the books or halt trading, so a full backlog must not keep them out. */
const urgentKinds = new Set<Command['kind']>(['cancel', 'product', 'freeze', 'unfreeze']);

function isUrgent({ commands }: Request): boolean {
  return commands.every(({ kind }) => urgentKinds.has(kind));
}

/** What they find free beyond the limits of all others: a tenth, and room for one entry at least. */
function withHeadroom(submitter: Submitter): Submitter {
  const raised = (most: number): number => most + Math.max(Math.ceil(most / 10), mostCommandsAnEntry);
  const { maxUnmatched, maxUnpersisted, ...limits } = submitter.limits;
  return {
    ...submitter,
    limits: { ...limits, maxUnmatched: raised(maxUnmatched), maxUnpersisted: raised(maxUnpersisted) },
  };
}

async function submitEntry(submitter: Submitter, requests: readonly Request[]): Promise<void> {
  const commands =
    requests.length === 1 ? requests[0]!.commands : requests.flatMap(({ commands }) => commands);
  const urgent = requests.filter(isUrgent);
  try {
    const room = urgent.length === requests.length ? withHeadroom(submitter) : submitter;
    const taken = await submitCommands(room, commands);
    // What stands at a client order id may be the mark of another shard, whose sequences are higher.
    const newest = submitter.limits.minReplicas ? undefined : taken.findLast(({ repeated }) => !repeated);
    if (newest) submitter.known.reaches(newest.sequence);
    let from = 0;
    for (const { commands, resolve } of requests) {
      resolve(taken.slice(from, from + commands.length));
      from += commands.length;
    }
  } catch (error) {
    const refusal = new SubmitError(error as Error);
    const isRetried = refusal.backlog && urgent.length < requests.length;
    for (const request of requests) if (!isRetried || !urgent.includes(request)) request.reject(refusal);
    if (isRetried && urgent.length > 0) await submitEntry(submitter, urgent);
  }
}

async function submitCommands(
  { redis, shard, limits, known }: Submitter,
  commands: readonly Command[],
): Promise<Taken[]> {
  const keys = shardKeys(shard);
  const onceKeys: string[] = [];
  const onceLines: number[] = [];
  const traders = new Set<number>();
  let batches = '';
  let lines = '';
  for (let i = 0; i < commands.length; i++) {
    const command = commands[i]!;
    lines += i === 0 ? encodeCommand(command) : `\n${encodeCommand(command)}`;
    noteTraders(command, traders);
    if (command.kind === 'batch') batches += `${batches && ' '}${i + 1}:${command.count}`;
    const key = onceKey(shard, command);
    if (key === null) continue;
    onceKeys.push(key);
    onceLines.push(i + 1);
  }
  const reply = (await runScript(
    redis,
    submitScript,
    [keys.commands, keys.state, keys.written, ...onceKeys],
    [
      limits.maxUnmatched,
      limits.maxUnpersisted,
      limits.clientOidWindowMs,
      commands.length,
      lines,
      [...traders].join(' '),
      known.sequence(),
      batches,
      ...onceLines,
    ],
  )) as [number, ...number[]];
  return decodeTaken(reply, commands.length);
}

/** Whose reads have to wait until PostgreSQL has the command. */
function noteTraders(command: Command, traders: Set<number>): void {
  if ('traderId' in command) traders.add(command.traderId);
  if (command.kind === 'transfer') traders.add(command.toTraderId);
}

/** The key under which a command is remembered, so that it is taken once however often it is submitted. */
function onceKey(shard: string, command: Command): string | null {
  if ('transferId' in command) return transferKey(shard, command.transferId);
  if (command.kind !== 'place' || command.clientOid === null) return null;
  return clientOidKey(shard, command.traderId, command.clientOid);
}

/** `[first, line, sequence, ...]`: the lines named have earlier sequences, all others follow on from `first`. */
function decodeTaken([first, ...earlier]: [number, ...number[]], count: number): Taken[] {
  const taken: Taken[] = new Array(count);
  for (let i = 0; i < earlier.length; i += 2)
    taken[earlier[i]! - 1] = { sequence: earlier[i + 1]!, repeated: true };
  let sequence = first;
  for (let i = 0; i < count; i++) taken[i] ??= { sequence: sequence++, repeated: false };
  return taken;
}

/** A run ends after `size` commands, or with the command by which it has looked at `steps` orders. */
export type RunBounds = {
  readonly size: number;
  readonly steps: number;
  /** The last sequence that may be matched; all may if there is none. */
  readonly through?: number;
};
/** With commands that meet 2,500 makers at most, runs were seen to take up to 52 ms of CPU on a busy machine (`npm run bench:runs`). */
export const usualRunSteps = 10_000;

export type Run = {
  /** The last sequence that is matched. */
  readonly matched: number;
  /** How many commands the run applied, and how many orders it visited for them. */
  readonly applied: number;
  readonly steps: number;
  /** How many commands waited when it ended. */
  readonly left: number;
};

/** Executes one matching run; any number of processes may ask for one at any time. */
export async function match(
  redis: Redis,
  shard: string,
  bounds: number | RunBounds,
  known = createKnown(),
): Promise<Run> {
  const {
    size,
    steps: mostSteps,
    through,
  }: RunBounds = typeof bounds === 'number' ? { size: bounds, steps: usualRunSteps } : bounds;
  const k = shardKeys(shard);
  const keys = [
    k.commands,
    k.events,
    k.state,
    k.orders,
    k.products,
    k.books,
    k.accounts,
    k.cascade,
    k.expiring,
    k.frozen,
  ];
  const reply = await runScript(redis, matchScript, keys, [size, mostSteps, known.sequence(), through ?? '']);
  const [matched, applied, steps, left] = reply as [number, number, number, number];
  known.reaches(matched);
  return { matched, applied, steps, left };
}

/** Gives a shard that was never used its first state: the next sequence is `from` + 1. A shard in use stays as it is. */
export async function prepareShard(redis: Redis, shard: string, from: number): Promise<void> {
  const { state } = shardKeys(shard);
  await redis
    .multi()
    .hsetnx(state, 'sequence', from)
    .hsetnx(state, 'matched', from)
    .hsetnx(state, 'persisted', from)
    .exec();
}
