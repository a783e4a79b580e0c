import { shardKeys } from '../../core/keys.ts';
import { writeNotice } from '../../core/traced-stages.ts';
import { type TraceParent, type Tracing, traceTime } from '../../core/tracing.ts';
import type { Shard } from './shard.ts';

/** By request id, the requests that are traced just now. */
export type TracedRequests = Map<string, TraceParent>;

export type TracedParts = {
  readonly tracing: Tracing;
  readonly requests: TracedRequests;
};

/** A shard that adds the spans `submit` and `verdict` to the requests that are traced. Used only while tracing is on. */
export function tracedShard(shard: Shard, { tracing, requests }: TracedParts): Shard {
  const { traced } = shardKeys(shard.name);
  const submitted = new Map<number, TraceParent>();
  return {
    ...shard,
    submit: async (commands) => {
      const requestId = commands[0]?.requestId;
      const parent = requests.size > 0 && requestId ? requests.get(requestId) : undefined;
      if (parent === undefined) return shard.submit(commands);
      const start = traceTime();
      const taken = await shard.submit(commands);
      const attributes = { 'cardstock.shard': shard.name, 'cardstock.commands': commands.length };
      const fresh = taken.find(({ repeated }) => !repeated);
      if (fresh) {
        submitted.set(fresh.sequence, parent);
        // Forgotten with the request, or here if nobody asks for the verdict.
        setTimeout(() => submitted.delete(fresh.sequence), 60_000).unref();
        shard.redis.publish(traced, writeNotice({ first: fresh.sequence, parent })).catch(() => {});
      }
      const sequence = fresh ? { 'cardstock.sequence': fresh.sequence } : {};
      tracing.add('submit', parent, { start, end: traceTime(), attributes: { ...attributes, ...sequence } });
      return taken;
    },
    verdict: async (taken) => {
      const { sequence } = taken;
      const parent = submitted.size > 0 ? submitted.get(sequence) : undefined;
      if (parent === undefined) return shard.verdict(taken);
      submitted.delete(sequence);
      const start = traceTime();
      const report = await shard.verdict(taken);
      const attributes = { 'cardstock.shard': shard.name, 'cardstock.sequence': sequence };
      tracing.add('verdict', parent, { start, end: traceTime(), attributes });
      return report;
    },
  };
}
