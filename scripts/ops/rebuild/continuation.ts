// What comes after the checkpoint: sequences that were given, and whose commands PostgreSQL never saw.
//
// A client may have been told of any of them, as an order's id. So none is given again: its own command is submitted again,
// or the sequence is voided by a command that does nothing, a cancel by the system of the order that the sequence would have
// been; in a placed all-or-none batch by a `time` command that expires nothing. Either way the sequence goes on without a gap.

import { type Command, encodeCommand } from '../../../core/wire/commands.ts';
import { Refusal } from './refusal.ts';

/** The commands after the checkpoint that are known, by sequence. */
export type Found = ReadonlyMap<number, string>;

/** How the person wants it. */
export type Wish = {
  /** What the lost Redis' files show; null if nobody looked. */
  readonly found: Found | null;
  /** The highest sequence that anyone knows to have been given, or that none was after the checkpoint; null: not said. */
  readonly after: number | 'checkpoint' | null;
  readonly lost: 'resubmit' | 'void' | null;
};

/** Sequences `first` to `last` follow on from the checkpoint; those without a line are void. */
export type Continuation = {
  readonly first: number;
  readonly last: number;
  readonly lines: Found;
  /** Of void sequences within a placed batch, the product whose stop orders wait for it, see `standInsFor`. */
  readonly standIns?: ReadonlyMap<number, string>;
};

/** `most` sequences after the checkpoint can have been given at all. Throws `Refusal` if that is not enough to go on. */
export function decideContinuation(checkpoint: number, most: number, wish: Wish): Continuation {
  const found = wish.found ?? new Map<number, string>();
  const first = checkpoint + 1;
  if (wish.found === null && wish.after === null) throw new Refusal(unknown(checkpoint, most));
  const said = typeof wish.after === 'number' ? wish.after : checkpoint;
  const last = Math.max(checkpoint, said, ...lastOf(found));
  if (last - checkpoint > most) {
    throw new Refusal(
      `Sequence ${last} cannot have been given: the exchange accepts no more than ${most} sequences (MAX_UNMATCHED + ` +
        `MAX_UNPERSISTED) beyond what PostgreSQL has, which is ${checkpoint}.`,
    );
  }
  if (found.size === 0) return { first, last, lines: found };
  if (wish.lost === null) {
    throw new Refusal(
      `PostgreSQL never saw ${found.size} commands that were accepted; they are listed above. Say --resubmit to have them ` +
        'matched again under their own sequences, or --void to give them up.',
    );
  }
  if (wish.lost === 'void') return { first, last, lines: new Map() };
  assertWhole(found, first);
  return { first, last, lines: found };
}

function unknown(checkpoint: number, most: number): string {
  return (
    `Which sequences were given after ${checkpoint}, the last that PostgreSQL has, is not known. Say\n` +
    '  --aof PATH          to look into the append-only files of the Redis that was lost,\n' +
    '  --after N           if N is the highest order id that any client was told of, or\n' +
    '  --after checkpoint  if the exchange had been stopped, and the writer with it, before Redis was lost.\n' +
    `No more than ${checkpoint + most} can have been given: --after ${checkpoint + most} is safe in any case.`
  );
}

function lastOf(found: Found): number[] {
  let last: number | undefined;
  for (const sequence of found.keys()) if (last === undefined || sequence > last) last = sequence;
  return last === undefined ? [] : [last];
}

/** A command's outcome depends on all before it, so none may be left out. */
function assertWhole(found: Found, first: number): void {
  for (let sequence = first; sequence < first + found.size; sequence++) {
    if (found.has(sequence)) continue;
    throw new Refusal(
      `Sequence ${sequence} is missing between the commands that were found, so those after it cannot be matched as they ` +
        'were. Say --void to give all of them up, or look for older append-only files.',
    );
  }
}

/** The line of a sequence, its own or one that does nothing. */
export function lineOf({ lines, standIns }: Continuation, sequence: number, void_: VoidedBy): string {
  const productId = standIns?.get(sequence);
  const nothing: Command =
    productId === undefined
      ? { kind: 'cancel', traderId: 0, orderId: sequence, productId: null, ...void_ }
      : { kind: 'time', productId, until: 0, ...void_ };
  return lines.get(sequence) ?? encodeCommand(nothing);
}

/** When a sequence was voided, and the request id by which it is found again. */
export type VoidedBy = { readonly time: number; readonly requestId: string };
