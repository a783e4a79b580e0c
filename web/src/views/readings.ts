/** How far a shard has come, and how far each part is behind. */
export type ShardState = {
  readonly shard: string;
  readonly hasRedis: boolean;
  readonly commands: number;
  readonly unmatched: number;
  readonly unpersisted: number;
  readonly behindMs: number;
};

/** What the exchange says of itself at one time. */
export type Reading = {
  readonly shards: readonly ShardState[];
  /** What keeps it from taking orders; '' if nothing does. */
  readonly notReady: string;
  readonly hasPostgres: boolean;
  /** Faults that are only ever counted, by what they are. */
  readonly counts: ReadonlyMap<string, number>;
};

type Line = { readonly metric: string; readonly labels: Labels; readonly value: number };
type Labels = Readonly<Record<string, string>>;

export function read(metrics: string, notReady: string): Reading {
  const lines = linesOf(metrics);
  const shards = [...new Set(lines.flatMap(({ labels }) => labels.shard ?? []))].sort();
  return {
    ...{ notReady, counts: countsOf(lines) },
    hasPostgres: figureOf(lines, 'postgres_up') !== 0,
    shards: shards.map((shard) => shardOf(lines, shard)),
  };
}

function shardOf(lines: readonly Line[], shard: string): ShardState {
  const of = (metric: string) => figureOf(lines, metric, shard) ?? 0;
  return {
    ...{ shard, hasRedis: figureOf(lines, 'redis_up', shard) !== 0, commands: of('accepted_sequence') },
    ...{ unmatched: of('unmatched_commands'), unpersisted: of('unpersisted_reports') },
    behindMs: Math.round(of('persistence_lag_seconds') * 1_000),
  };
}

function countsOf(lines: readonly Line[]): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (what: string, value: number) => counts.set(what, (counts.get(what) ?? 0) + value);
  for (const { metric, labels, value } of lines)
    if (metric === 'refused_reports') add(`reports of ${labels.shard} that PostgreSQL refused`, value);
    else if (metric === 'backlog_refusals_total') add('requests refused for a backlog', value);
    else if (metric === 'http_request_duration_seconds_count' && labels.status?.startsWith('5'))
      add(`answers ${labels.status} of ${labels.method} ${labels.route}`, value);
  return counts;
}

function figureOf(lines: readonly Line[], metric: string, shard?: string): number | undefined {
  return lines.find((line) => line.metric === metric && (shard === undefined || line.labels.shard === shard))
    ?.value;
}

function linesOf(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const [, metric, labels = '', value] = /^cardstock_(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (metric === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, said]) => [name!, said!] as const);
    return [{ metric, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** What is wrong in a reading and was not in the one before; without one, all that is. */
export function newFaults(before: Reading | null, now: Reading): string[] {
  const standing = standingFaults(now);
  const known = new Set(before ? standingFaults(before) : []);
  const counted = [...now.counts].flatMap(([what, count]) => {
    // A smaller count is another process's: all of it is new.
    const last = before?.counts.get(what) ?? 0;
    const more = count < last ? count : count - last;
    return more > 0 ? [`${more} ${what}`] : [];
  });
  return [...standing.filter((fault) => !known.has(fault)), ...counted];
}

function standingFaults({ notReady, hasPostgres, shards }: Reading): string[] {
  return [
    ...(notReady === '' ? [] : [`not ready: ${notReady}`]),
    ...(hasPostgres ? [] : ['PostgreSQL does not answer']),
    ...shards.filter(({ hasRedis }) => !hasRedis).map(({ shard }) => `Redis of ${shard} does not answer`),
  ];
}
