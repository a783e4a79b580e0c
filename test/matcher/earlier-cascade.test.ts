import assert from 'node:assert/strict';
import test from 'ava';
import { shardKeys } from '../../core/keys.ts';
import { type Funding, noRules } from '../../core/product.ts';
import type { Command } from '../../core/wire/commands.ts';
import { match, usualRunSteps } from '../../matcher/client.ts';
import { depositCommand, oneToOne, placeCommand, productCommand } from '../support/commands.ts';
import { type Engine, openEngine, readEvents, readReports, submitAll } from '../support/engine.ts';
import { useRedis } from '../support/redis.ts';
import { readStored } from '../support/stored.ts';

const { redis, newShard } = useRedis();

const count = 100;
const few = 300; // steps in which a few of the stop orders come in

/**
 * A ladder of trader 1's bids, each with a loss that its trade meets. Every other loss rests with what is left of it. Trader 3 sets the
 * cascade off and trades no more, and trader 4 has the last loss: their accounts change only before a cut, or only after it.
 */
function ladder(funding: Funding | null): Command[] {
  const rules = funding ? { ...noRules, makerFee: 4_000, takerFee: 6_000 } : noRules;
  const deposits = [1, 2, 3, 4, 5].flatMap((traderId) =>
    ['CARD', 'USD'].map((currency) =>
      depositCommand({ traderId, currency, amount: 10_000_000, transferId: `${currency}-${traderId}` }),
    ),
  );
  const bids = Array.from({ length: count }, (_, i) => placeCommand({ price: 10_000 - i }));
  const losses = Array.from({ length: count - 1 }, (_, i) =>
    placeCommand({
      ...{ traderId: i === count - 2 ? 4 : 2, side: 'sell', stop: 'loss', stopPrice: 10_000 - i },
      ...(i % 2 === 0 ? { price: null, timeInForce: 'IOC' } : { traderId: 5, price: 9_999 - i, size: 2 }),
    }),
  );
  return [
    productCommand({ funding, rules }),
    ...(funding ? deposits : []),
    ...bids,
    ...losses,
    placeCommand({ traderId: 3, side: 'sell', price: 1 }),
    placeCommand({ price: 2 }),
  ];
}

/** Runs until nothing is left to match; returns how many runs that took. */
async function goOn({ shard }: Engine, steps: number): Promise<number> {
  for (let runs = 0; ; runs++) {
    const run = await match(redis, shard, { size: 1_000, steps });
    if (run.applied === 0 && run.steps === 0) return runs;
  }
}

/** Cuts the cascade after its first run, and leaves what an earlier version left: one part. Returns the accounts that it names. */
async function beginAsEarlier({ shard }: Engine): Promise<string[]> {
  const { cascade: key } = shardKeys(shard);
  while (!(await redis.exists(key))) await match(redis, shard, { size: 1_000, steps: few });
  const { product, marks, lowest, highest, turn, reference, ...kept } = await redis.hgetall(key);
  assert.equal(kept.parts, '1');
  const [moved, reports] = [kept['moved:1']!, kept['reports:1']!];
  await redis.del(key);
  await redis.hset(key, { product, marks, lowest, highest, turn, reference, moved, reports });
  return moved.split(' ').filter((name) => name !== '');
}

for (const funding of [null, oneToOne])
  test(`a cascade that an earlier version has begun ${funding ? 'with money' : 'without money'} goes on`, async (t) => {
    const uncut = await openEngine(redis, newShard());
    await submitAll(uncut, ladder(funding));
    t.is(await goOn(uncut, usualRunSteps), 1);
    const [stored, text] = [await readStored(uncut, ['A-USD']), await readEvents(uncut)];
    const { events, accounts } = (await readReports(uncut)).at(-2)!;
    t.is(events.filter(({ kind }) => kind === 'activate').length, count - 1);
    const changed = accounts.map(({ traderId, currency }) => `${traderId}:${currency}`);
    for (const steps of [few, usualRunSteps]) {
      const engine = await openEngine(redis, newShard());
      await submitAll(engine, ladder(funding));
      const before = await beginAsEarlier(engine);
      t.deepEqual(before, funding ? changed.filter((name) => !name.startsWith('4:')) : []);
      const runs = await goOn(engine, steps);
      t.true(steps === few ? runs > 5 : runs === 1, `${runs} runs`);
      t.deepEqual(await readStored(engine, ['A-USD']), stored);
      t.is(await readEvents(engine), text);
      t.is(await redis.exists(shardKeys(engine.shard).cascade), 0);
    }
  });
