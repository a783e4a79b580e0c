import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shardKeys } from '../../core/keys.ts';
import type { Exchange } from './exchange.ts';
import { seed } from './seed.ts';
import { readStored } from './stored.ts';
import { until } from './until.ts';

const slowMs = 5_000;
/** So seldom a long fuzz tells how far it is. */
const toldEveryMs = 60_000;

/** `npm run fuzz:api` says for how long; the tests do it for a moment. */
export function secondsOr(moment: number): number {
  return Number(process.env.FUZZ_SECONDS ?? moment);
}

/** Values that fit no schema, or hardly any. */
export const odd = fc.constantFrom<unknown>(
  ...[null, true, 0, -1, 1e308, -0, '', ' ', '0', '-1', '1e9', 'NaN', '９', '\u0000', "';--", '__proto__'],
  ...[
    [],
    {},
    [[]],
    'x'.repeat(5_000),
    '2026-02-30',
    '9'.repeat(40),
    'PIKACHU-USD',
    'VIBRANIUM-USD',
    1,
    'view',
  ],
);

/** Texts that fit something. */
export const likelyText: fc.Arbitrary<string> = fc.constantFrom(
  ...['PIKACHU-USD', 'VIBRANIUM-USD', 'USD', '1', '5.00', '2', '0.5', 'client:x', '2100-01-01T00:00:00Z'],
);

/**
 * Asks one thing after the other for so long, and says how many. None may take long: what did is asked again, since a busy machine
 * may have been held up.
 */
export async function keepAsking<T>(
  seconds: number,
  any: fc.Arbitrary<T>,
  ask: (one: T) => Promise<void>,
): Promise<number> {
  let asked = 0;
  const began = performance.now();
  let toldAt = began;
  const property = fc.asyncProperty(any, async (one) => {
    const took = await timed(() => ask(one));
    const again = took > slowMs ? await timed(() => ask(one)) : 0;
    if (again > slowMs) throw new Error(`took ${took} ms, and ${again} ms`);
    asked++;
    if (performance.now() - toldAt < toldEveryMs) return;
    toldAt = performance.now();
    process.stdout.write(`${asked} asked in ${Math.round((toldAt - began) / 1_000)} of ${seconds} seconds\n`);
  });
  await fc.assert(property, { numRuns: 1, seed, includeErrorInReport: true }); // however slow the machine is
  const found = await fc.check(property, {
    ...{ numRuns: 1_000_000_000, seed, interruptAfterTimeLimit: seconds * 1_000 },
  });
  if (found.counterexample) throw new Error(`${fc.defaultReportMessage(found)}\n${found.errorInstance}`);
  return asked;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Asks, and says whether it was refused: then books, orders and accounts must be as they were. */
export async function changingNothingIfRefused(
  exchange: Exchange,
  ask: () => Promise<{ readonly refused: boolean }>,
): Promise<void> {
  const before = await booksAndMoney(exchange);
  const { refused } = await ask();
  if (refused) assert.deepEqual(await booksAndMoney(exchange), before, 'what was refused changed something');
}

/** What Redis holds of the products that are there at first, once all that was taken is matched. */
async function booksAndMoney(exchange: Exchange) {
  const { state } = shardKeys(exchange.shard);
  await until(async () => {
    const [sequence, matched] = await exchange.redis.hmget(state, 'sequence', 'matched');
    return sequence === matched;
  });
  const stored = await readStored(exchange, ['PIKACHU-USD', 'VIBRANIUM-USD']);
  const { sequence, matched, persisted, ...counters } = stored.counters;
  return { ...stored, counters };
}
