// Programs that stand and fall together: when one ends that was not told to, all of them are of no use.

import type { Started } from '../launcher/servers/process.ts';

export type Member = { readonly id: string; readonly launch: () => Promise<Started> };

export type Group = {
  /** Starts one, and resolves with the milliseconds that it took to be of use. */
  readonly keep: (member: Member) => Promise<number>;
  /** Ends all whose ids begin so, and starts them again. Resolves with the milliseconds of each. */
  readonly restart: (kinds: readonly string[]) => Promise<Record<string, number>>;
  /** Ends all whose ids begin so: kind by kind, those of one together. */
  readonly stop: (kinds: readonly string[]) => Promise<void>;
  /** Process numbers of those whose ids begin so. */
  readonly pids: (kind: string) => number[];
  /** Rejects when one ends that was not told to. */
  readonly broken: Promise<never>;
};

type Kept = { readonly member: Member; started: Started; isStopping: boolean };

export function createGroup(): Group {
  const all = new Map<string, Kept>();
  const { promise: broken, reject } = Promise.withResolvers<never>();
  broken.catch(() => {});
  const ofKind = (kind: string): Kept[] =>
    [...all].filter(([id]) => id.startsWith(kind)).map(([, kept]) => kept);
  const keep = async (member: Member): Promise<number> => {
    const start = performance.now();
    const kept: Kept = { member, started: await member.launch(), isStopping: false };
    all.set(member.id, kept);
    void kept.started.exited.then(
      (how) => kept.isStopping || reject(new Error(`${member.id} ended unexpectedly (${how})`)),
    );
    await kept.started.ready;
    return performance.now() - start;
  };
  const stop = async (kinds: readonly string[]): Promise<void> => {
    for (const kind of kinds)
      await Promise.all(
        ofKind(kind).map((kept) => {
          kept.isStopping = true;
          return kept.started.stop();
        }),
      );
  };
  return {
    ...{ keep, stop, broken },
    restart: async (kinds) => {
      await stop(kinds);
      const members = kinds.flatMap(ofKind).map(({ member }) => member);
      const took = members.map(async (member) => [member.id, await keep(member)] as const);
      return Object.fromEntries(await Promise.all(took));
    },
    pids: (kind) => ofKind(kind).map(({ started }) => started.child.pid!),
  };
}
