import type { Redis } from 'ioredis';
import { shardKeys } from './keys.ts';
import { listen } from './redis.ts';
import type { TraceParent, Tracing } from './tracing.ts';

/** What one run or one commit did: sequences `first` to `last`, in Unix milliseconds. */
export type Stage = {
  readonly first: number;
  readonly last: number;
  readonly start: number;
  readonly end: number;
};

/** Enough that a notice which comes after its stage still finds it, and that nobody can make it hold more. */
const stagesKept = 200;
const noticesKept = 1_000;

type Notice = { readonly first: number; readonly parent: TraceParent };

/**
 * Spans of what happens to many commands at once. The api publishes which sequences belong to a trace, after it has learned
 * them; a run or a commit may be over by then. So both are kept for a while, and nothing is read of what is not traced.
 */
export function createTracedStages(tracing: Tracing, name: string) {
  const stages: Stage[] = [];
  const notices = new Map<number, Notice>();
  const add = ({ first, last, start, end }: Stage, { parent }: Notice): void =>
    tracing.add(name, parent, {
      start,
      end,
      attributes: { 'cardstock.first': first, 'cardstock.last': last },
    });
  return {
    passed: (stage: Stage): void => {
      stages.push(stage);
      if (stages.length > stagesKept) stages.shift();
      for (const notice of notices.values()) {
        if (notice.first > stage.last) continue;
        notices.delete(notice.first);
        if (notice.first >= stage.first) add(stage, notice);
      }
    },
    hear: (message: string): void => {
      const notice = readNotice(message);
      if (!notice) return;
      const { first } = notice;
      const stage = stages.findLast((one) => one.first <= first && first <= one.last);
      if (stage) add(stage, notice);
      else if (first > (stages.at(-1)?.last ?? 0) && notices.size < noticesKept) notices.set(first, notice);
    },
  };
}

/** As `createTracedStages`, told by whichever api takes commands of the shard. `connection` is for nothing else. */
export function followTraced(tracing: Tracing, name: string, shard: string, connection: Redis) {
  const stages = createTracedStages(tracing, name);
  listen(connection, shardKeys(shard).traced, stages.hear);
  return stages.passed;
}

export function writeNotice({ first, parent }: Notice): string {
  return `${first} ${parent}`;
}

function readNotice(message: string): Notice | null {
  const [first, parent] = message.split(' ');
  return parent === undefined ? null : { first: Number(first), parent };
}
