import test from 'ava';
import { newFaults, read } from '../../web/src/views/readings.ts';

const metrics = (values: Record<string, number>): string =>
  [
    '# HELP cardstock_redis_up x',
    ...Object.entries(values).map(([name, value]) => `cardstock_${name} ${value}`),
  ].join('\n');
const up = { 'redis_up{process="api",shard="main"}': 1, 'postgres_up{process="api"}': 1 };
const failed =
  'http_request_duration_seconds_count{process="api",method="POST",route="/orders",status="503"}';

test('the state of each shard is read from the metrics', (t) => {
  const text = metrics({
    ...up,
    'accepted_sequence{process="api",shard="main"}': 1_234,
    'unmatched_commands{process="api",shard="main"}': 5,
    'unpersisted_reports{process="api",shard="main"}': 17,
    'persistence_lag_seconds{process="api",shard="main"}': 0.25,
    'redis_up{process="api",shard="gems"}': 0,
  });
  t.deepEqual(read(text, '').shards, [
    { shard: 'gems', hasRedis: false, commands: 0, unmatched: 0, unpersisted: 0, behindMs: 0 },
    { shard: 'main', hasRedis: true, commands: 1_234, unmatched: 5, unpersisted: 17, behindMs: 250 },
  ]);
});

test('a fault is told once: when it begins, or with how many came since', (t) => {
  const readings: [values: Record<string, number>, notReady: string, told: string[]][] = [
    [{ ...up, [failed]: 3 }, '', ['3 answers 503 of POST /orders']],
    [{ ...up, [failed]: 3 }, '', []],
    [
      { ...up, 'redis_up{process="api",shard="main"}': 0, [failed]: 5 },
      'Redis does not answer',
      ['not ready: Redis does not answer', 'Redis of main does not answer', '2 answers 503 of POST /orders'],
    ],
    [{ ...up, 'redis_up{process="api",shard="main"}': 0, [failed]: 5 }, 'Redis does not answer', []],
    [up, '', []],
    [{ ...up, 'postgres_up{process="api"}': 0 }, '', ['PostgreSQL does not answer']],
    [{ ...up, [failed]: 1 }, '', ['1 answers 503 of POST /orders']],
  ];
  let before = null;
  for (const [values, notReady, told] of readings) {
    const now = read(metrics(values), notReady);
    t.deepEqual(newFaults(before, now), told);
    before = now;
  }
});
