export type Figure = { readonly name: string; readonly value: string; readonly isBad: boolean };

/** What of the metrics an operator looks at first: how far each shard has come, and how far each part is behind. */
export function readFigures(text: string): Figure[] {
  const read = readMetrics(text);
  const shards = [...new Set(read.map(({ shard }) => shard).filter((shard) => shard !== null))];
  const of = (metric: string, shard: string | null) =>
    read.find((line) => line.metric === metric && line.shard === shard)?.value ?? 0;
  const figures = shards.flatMap((shard) => {
    const [accepted, matched, persisted] = ['accepted', 'matched', 'persisted'].map((part) =>
      of(`cardstock_${part}_sequence`, shard),
    ) as [number, number, number];
    const where = shards.length > 1 ? `${shard}: ` : '';
    return [
      figure(`${where}commands`, accepted),
      figure(`${where}not matched yet`, Math.max(0, accepted - matched), 1_000),
      figure(`${where}not in PostgreSQL yet`, Math.max(0, matched - persisted), 50_000),
      figure(`${where}PostgreSQL behind, ms`, of('cardstock_persistence_lag_seconds', shard) * 1_000, 5_000),
    ];
  });
  return [
    ...figures,
    figure('orders refused for a backlog', of('cardstock_backlog_refusals_total', null), 1),
  ];
}

function figure(name: string, value: number, badFrom = Number.POSITIVE_INFINITY): Figure {
  return { name, value: String(Math.round(value)), isBad: value >= badFrom };
}

type Read = { readonly metric: string; readonly shard: string | null; readonly value: number };

function readMetrics(text: string): Read[] {
  return text.split('\n').flatMap((line) => {
    const [, metric, labels = '', value] = /^(\w+)(\{[^}]*\})? (\S+)$/.exec(line) ?? [];
    if (metric === undefined) return [];
    return [{ metric, shard: /shard="([^"]+)"/.exec(labels)?.[1] ?? null, value: Number(value) }];
  });
}
