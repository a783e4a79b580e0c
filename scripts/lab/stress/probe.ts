// The probe: another trader, who places an order every 25 ms, and counts each from the moment at which it was due.
//
// Usage: started by stress-one.ts, which sends a `ProbeMessage`

import { percentiles } from '../../console/figures.ts';
import { createPool, type Pool } from '../bench/pool.ts';
import { answerMessages } from '../bench/tool.ts';

export type ProbeMessage =
  | { readonly kind: 'start'; readonly port: number; readonly token: string }
  | { readonly kind: 'stop' };
/** Latencies in milliseconds. Errors are answers other than 200. */
export type Probed = {
  readonly orders: number;
  readonly p50: number;
  readonly p99: number;
  readonly errors: number;
  readonly statuses: Readonly<Record<string, number>>;
};

const everyMs = 25;
const connections = 64;
/** Never trades and never rests. */
const order =
  '{"trader_id":9999,"product_id":"PIKACHU-USD","side":"buy","price":"1.00","size":"1","time_in_force":"IOC"}';

type Run = {
  readonly pool: Pool;
  readonly timer: NodeJS.Timeout;
  readonly underWay: Promise<void>[];
  readonly latencies: number[];
  readonly statuses: Record<string, number>;
};
let run: Run | null = null;

async function start(port: number, token: string): Promise<void> {
  const pool = await createPool(port, connections);
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const underWay: Promise<void>[] = [];
  const send = async (due: number): Promise<void> => {
    const status = await pool.send({ method: 'POST', path: '/orders', token, body: order }).then(
      (answer) => String(answer.status),
      () => 'none',
    );
    latencies.push(performance.now() - due);
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  let due = performance.now();
  const timer = setInterval(() => {
    for (; due <= performance.now(); due += everyMs) underWay.push(send(due));
  }, 5);
  run = { pool, timer, underWay, latencies, statuses };
}

async function stop(): Promise<Probed> {
  const { pool, timer, underWay, latencies, statuses } = run!;
  clearInterval(timer);
  await Promise.all(underWay);
  pool.close();
  run = null;
  const at = percentiles(latencies);
  const errors = latencies.length - (statuses['200'] ?? 0);
  return { orders: latencies.length, p50: at(0.5), p99: at(0.99), errors, statuses };
}

answerMessages((message: ProbeMessage) =>
  message.kind === 'start' ? start(message.port, message.token) : stop(),
);
