// Open loop: orders come at a fixed rate whether or not the ones before are answered, as the orders of many traders do.
//
// Latency counts from the moment at which an order was due. A generator that waits for answers sends less while the
// exchange is slow, and so leaves out of its figures the very orders that would have waited ("coordinated omission").
//
// Usage: started by bench-http.ts, which sends an `OpenLoopOptions`

import { setTimeout as sleep } from 'node:timers/promises';
import { percentiles } from '../../../console/figures.ts';
import { createOrders, jsonOf } from '../orders.ts';
import { createPool, type Pool } from '../pool.ts';
import { answerMessages } from '../tool.ts';
import type { CannonResult, OpenLoopOptions } from './runs.ts';

const path = '/orders';
/** The first seconds compile the code that the others run. */
const warmUpSeconds = 2;

type Sent = { readonly latencies: number[]; errors: number };

async function sendAtRate(pool: Pool, options: OpenLoopOptions, seconds: number): Promise<Sent> {
  const { rate, mix, token } = options;
  const next = createOrders(mix);
  const sent: Sent = { latencies: [], errors: 0 };
  const underWay: Promise<void>[] = [];
  const sendDue = async (due: number): Promise<void> => {
    const { status } = await pool.send({ method: 'POST', path, token, body: jsonOf(next()) });
    sent.latencies.push(performance.now() - due);
    if (status >= 300) sent.errors++;
  };
  const start = performance.now();
  const total = rate * seconds;
  for (let i = 0; i < total; ) {
    const due = (n: number): number => start + (n * 1_000) / rate;
    for (; i < total && due(i) <= performance.now(); i++) underWay.push(sendDue(due(i)));
    await sleep(1);
  }
  await Promise.all(underWay);
  return sent;
}

async function run(options: OpenLoopOptions): Promise<CannonResult> {
  const pool = await createPool(options.port, options.connections);
  await sendAtRate(pool, options, warmUpSeconds);
  const start = performance.now();
  const { latencies, errors } = await sendAtRate(pool, options, options.seconds);
  const seconds = (performance.now() - start) / 1_000;
  pool.close();
  const at = percentiles(latencies);
  const [p50, p90, p99, p999] = [at(0.5), at(0.9), at(0.99), at(0.999)];
  return { requestsPerSecond: latencies.length / seconds, p50, p90, p99, p999, errors };
}

answerMessages(run);
