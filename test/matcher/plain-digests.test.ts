import { createHash } from 'node:crypto';
import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { hashBooks } from '../../scripts/ops/replay/books.ts';
import { matchAll, openEngine, readEvents } from '../support/engine.ts';
import { plainCommands } from '../support/plain-commands.ts';
import { useRedis } from '../support/redis.ts';

const { redis, newShard } = useRedis();

const count = 5_000;
/**
 * Of the commands as they are written, of the reports byte for byte, and of the books as `npm run replay` hashes them. The scripts from
 * before there were stop orders, fees, collars, auctions and batches make the same of these commands.
 */
const digests = {
  commands: 'ffd0a46d673d6b64571ef24557f5141e7ddfb9202d32af3e4bfe255f7d4aeddd',
  reports: '1d968b649e3aea739cbb2b594710362edfb6c60d55c8978b7118f064b13d1d25',
  books: '8f750a47fea79863e3ce81d67ced85261f5a32d5fb4d40db5372a1eab9cc9599',
};

const outcomes = [
  ...['match', 'open', 'account', 'change \\d+ amend', 'change \\d+ self_trade'],
  ...['filled', 'canceled', 'self_trade', 'time_in_force', 'no_liquidity'].map(
    (reason) => `done \\d+ ${reason}`,
  ),
  ...['post_only', 'insufficient_funds', 'order_not_resting', 'offline', 'cancel_only'].map(
    (reason) => `\\d+ ${reason}`,
  ),
];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('plain orders have the reports and the books that they always had', async (t) => {
  const lines = plainCommands(count, 20_261_127);
  for (const runSize of [500, 7]) {
    const engine = await openEngine(redis, newShard());
    const { commands, state } = shardKeys(engine.shard);
    for (let from = 0; from < count; from += 1_000)
      await redis.xadd(commands, `0-${from + 1}`, 'lines', lines.slice(from, from + 1_000).join('\n'));
    await redis.hset(state, 'sequence', count);
    await matchAll(engine, runSize);
    const reports = await readEvents(engine);
    const books = await hashBooks({ redis, name: engine.shard });
    const found = { commands: sha256(lines.join('\n')), reports: sha256(reports), books: books.sha256 };
    t.deepEqual(found, digests, `runs of ${runSize}`);
    for (const outcome of outcomes) t.true(new RegExp(`^${outcome} `, 'm').test(reports), outcome);
    t.true(books.orders > 100);
  }
});
