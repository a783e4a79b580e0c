// Rows of a query as PostgreSQL's COPY sends them: the cheapest way to read millions.

import { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';

/** Yields lines of tab-separated columns, some thousand at a time. */
export async function* copiedRows(databaseUrl: string, query: string): AsyncGenerator<string[]> {
  const client = new Client(databaseUrl);
  await client.connect();
  try {
    await client.query(`set work_mem = '256MB'`);
    let rest = '';
    const rows = client.query(copyTo(`copy (${query}) to stdout`));
    for await (const chunk of rows) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      if (lines.length > 0) yield lines;
    }
  } finally {
    await client.end();
  }
}

/** Hands out one line after the other; null at the end. Waits only for those not here yet. */
export function lineByLine(chunks: AsyncGenerator<string[]>): () => string | Promise<string | null> {
  let lines: string[] = [];
  let next = 0;
  const more = async (): Promise<string | null> => {
    const { value, done } = await chunks.next();
    if (done) return null;
    lines = value;
    next = 1;
    return lines[0]!;
  };
  return () => lines[next++] ?? more();
}
