import { readFileSync } from 'node:fs';
import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { decodeReports } from '../../core/wire/decode-reports.ts';
import { matchAll, openEngine, readEvents } from '../support/engine.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();

/** What the streams held of 220 random commands, as the program of that time wrote it. */
const recorded = (name: string): string =>
  readFileSync(new URL(`../data/lines/${name}`, import.meta.url), 'utf8');

for (const age of ['before-money', 'before-rules']) {
  test(`commands recorded ${age} have the reports that they had then, byte for byte`, async (t) => {
    const commands = recorded(`${age}.commands`).trimEnd();
    const engine = await openEngine(redis, newShard());
    const keys = shardKeys(engine.shard);
    await redis.xadd(keys.commands, '0-1', 'lines', commands);
    await redis.hset(keys.state, 'sequence', commands.split('\n').length);
    await matchAll(engine);
    t.is((await readEvents(engine)).trimEnd(), recorded(`${age}.reports`).trimEnd());
  });

  test(`reports recorded ${age} are read, and the naive book makes the same`, (t) => {
    const reports = decodeReports(recorded(`${age}.reports`));
    const naive = newNaiveExchange();
    for (const report of reports) t.deepEqual(applyNaively(naive, report.command), report);
    t.is(reports.length, 220);
  });
}
