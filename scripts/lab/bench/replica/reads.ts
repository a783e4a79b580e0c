// Reads lists of one trader after the other, as many at a time as there are connections.
//
// Why not by autocannon: its connections ask for the same lists in turn, and a list that was asked for just now comes from memory.
//
// Usage: started by bench-replica.ts, which sends a `ReadsOptions`

import { percentiles } from '../../../console/figures.ts';
import { openConnection } from '../connection.ts';
import { answerMessages } from '../tool.ts';

export type ReadsOptions = {
  readonly port: number;
  readonly token: string;
  readonly connections: number;
  readonly seconds: number;
  readonly paths: readonly string[];
};

/** Latencies in milliseconds; `rows` are those of all answers. */
export type ReadsResult = {
  readonly requests: number;
  readonly rows: number;
  readonly p50: number;
  readonly p99: number;
};

async function read({ port, token, connections, seconds, paths }: ReadsOptions): Promise<ReadsResult> {
  const end = performance.now() + seconds * 1_000;
  const latencies: number[] = [];
  let [next, rows] = [0, 0];
  const work = async (): Promise<void> => {
    const connection = await openConnection(port);
    while (performance.now() < end) {
      const path = paths[next++ % paths.length]!;
      const start = performance.now();
      const { status, body } = await connection.send({ method: 'GET', path, token });
      if (status !== 200) throw new Error(`${path} was answered ${status}: ${body}`);
      latencies.push(performance.now() - start);
      rows += rowsIn(body);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, work));
  const at = percentiles(latencies);
  return { requests: latencies.length, rows, p50: at(0.5), p99: at(0.99) };
}

/** Both lists have it once in each row. */
function rowsIn(body: Buffer): number {
  return body.toString('latin1').split('"product_id"').length - 1;
}

answerMessages(read);
