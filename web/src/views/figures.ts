export type Figure = { readonly name: string; readonly value: string; readonly isBad: boolean };

type Known = { readonly metric: RegExp; readonly name: string; readonly badFrom?: number };

/** What of the metrics an operator looks at first: how far each part is behind, and what went wrong. */
const known: readonly Known[] = [
  { metric: /^cardstock_shard_sequence\b/, name: 'Sequence' },
  { metric: /^cardstock_shard_unmatched\b/, name: 'Not matched yet', badFrom: 1_000 },
  { metric: /^cardstock_shard_unpersisted\b/, name: 'Not in PostgreSQL yet', badFrom: 50_000 },
  { metric: /^cardstock_\w*requests_waiting\b/, name: 'Requests that wait' },
  { metric: /^cardstock_\w*backlog\w*\b/, name: 'Refused for a backlog', badFrom: 1 },
  { metric: /^cardstock_feed_sockets\b/, name: 'Sockets' },
];

/** Reads the figures out of the text that Prometheus reads, each summed over its labels. */
export function readFigures(text: string): Figure[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return known.flatMap(({ metric, name, badFrom }) => {
    const values = lines
      .filter((line) => metric.test(line))
      .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
    if (values.length === 0) return [];
    const sum = values.reduce((a, b) => a + b, 0);
    return [{ name, value: String(Math.round(sum)), isBad: badFrom !== undefined && sum >= badFrom }];
  });
}
