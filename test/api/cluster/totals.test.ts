import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { addUpMetrics } from '../../../api/cluster/totals.ts';
import type { Log } from '../../../core/log.ts';

test('metrics that cannot be added up are an error in the log, and no end of the primary', async (t) => {
  const errors: unknown[] = [];
  addUpMetrics({ error: ({ err }: { err: unknown }) => errors.push(err) } as unknown as Log);
  const said: unknown[] = [];
  const send = (message: unknown): void => void said.push(message);
  const worker = { id: -1, isDead: () => false, isConnected: () => true, send } as unknown as Worker;
  const unreadable = [{ name: 'cardstock_broken_total', type: 'counter', values: null, aggregator: 'sum' }];

  cluster.emit('message', worker, { kind: 'snapshot', snapshot: unreadable });
  cluster.emit('message', worker, { kind: 'scrape' });
  // The primary waits a second for what workers count by now.
  for (let i = 0; i < 200 && errors.length === 0; i++) await sleep(50);
  t.is(errors.length, 1);
  cluster.emit('exit', worker);
  t.is(errors.length, 2);
  t.deepEqual(said, []);

  cluster.emit('message', worker, { kind: 'scrape' });
  for (let i = 0; i < 200 && said.length === 0; i++) await sleep(50);
  t.like(said[0], { kind: 'totals' });
});
