import type { Context } from 'koa';
import type { ClaimState } from './context.ts';

/** The memory that request bodies under way may take. One body holds what has come of it until it is read. */
export type BodyBudget = {
  /** A body's share, which is named after whoever sends it. */
  readonly hold: (owner: string) => BodyHold;
};

export type Room = 'fits' | 'too much of one' | 'too much of all';

export type BodyHold = {
  /** Takes so many bytes more, unless that is too much: of one sender, or of all together. */
  readonly grow: (bytes: number) => Room;
  /** Counts a body that is inflated, which costs far more than one that is not. */
  readonly inflate: () => Room;
  readonly release: () => void;
};

const mebibyte = 1_048_576;
/** Two of the largest batches. */
const mostOfOne = 8 * mebibyte;
const mostOfAll = 64 * mebibyte;
/** Nearly every body ends within this, and is not counted. */
const free = 16 * 1_024;
/** Compressed bodies of one sender at a time. */
const mostInflated = 64;

export function createBodyBudget(): BodyBudget {
  const byOwner = new Map<string, number>();
  const inflated = new Map<string, number>();
  let all = 0;
  return {
    hold: (owner) => {
      let length = 0;
      let held = 0;
      let inflates = false;
      const take = (bytes: number): void => {
        held += bytes;
        all += bytes;
        add(byOwner, owner, bytes);
      };
      return {
        grow: (bytes) => {
          length += bytes;
          if (length <= free) return 'fits';
          const more = length - free - held;
          if ((byOwner.get(owner) ?? 0) + more > mostOfOne) return 'too much of one';
          if (all + more > mostOfAll) return 'too much of all';
          take(more);
          return 'fits';
        },
        inflate: () => {
          if ((inflated.get(owner) ?? 0) >= mostInflated) return 'too much of one';
          inflates = true;
          add(inflated, owner, 1);
          return 'fits';
        },
        release: () => {
          if (held > 0) take(-held);
          if (inflates) add(inflated, owner, -1);
          inflates = false;
        },
      };
    },
  };
}

function add(amounts: Map<string, number>, owner: string, more: number): void {
  const sum = (amounts.get(owner) ?? 0) + more;
  if (sum === 0) amounts.delete(owner);
  else amounts.set(owner, sum);
}

/** That of this process. */
export const bodies: BodyBudget = createBodyBudget();

/** Whose share a body is held from. Who only says to be somebody takes from the share of the address. */
export function ownerOf(ctx: Pick<Context, 'ip' | 'state'>): string {
  const { claim } = ctx.state as Partial<ClaimState>;
  if (!claim || claim.confirm) return ctx.ip;
  return `${claim.caller.role} ${claim.caller.traderId ?? ''}`;
}
