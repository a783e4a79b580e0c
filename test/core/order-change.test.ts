import test from 'ava';
import fc from 'fast-check';
import { applyReport, type OrderChange, unchanged } from '../../core/order-change.ts';
import type { Place } from '../../core/wire/commands.ts';
import { followersOf } from '../support/naive-batch.ts';
import { applyNaively, newNaiveExchange } from '../support/naive-book.ts';
import type { NaiveExchange } from '../support/naive-exchange.ts';
import { shownOf } from '../support/naive-trading.ts';
import { commandsOf, draftsWithBatches } from '../support/random-commands.ts';
import { seed } from '../support/seed.ts';

type Played = {
  readonly exchange: NaiveExchange;
  readonly changes: Map<number, OrderChange>;
  readonly placed: Map<number, Place>;
};

/** Plays random commands on the naive book and adds up what its reports say of each order. */
function playRandom(check: (played: Played) => boolean): void {
  const property = fc.property(draftsWithBatches, (drafts) => {
    const exchange = newNaiveExchange();
    const changes = new Map<number, OrderChange>();
    const placed = new Map<number, Place>();
    const changeOf = (orderId: number): OrderChange => {
      if (!changes.has(orderId)) changes.set(orderId, unchanged());
      return changes.get(orderId)!;
    };
    const commands = commandsOf(drafts);
    for (const [i, command] of commands.entries()) {
      const report = applyNaively(exchange, command, followersOf(commands, i));
      applyReport(report, changeOf);
      if (command.kind === 'place') placed.set(report.sequence, command);
    }
    return check({ exchange, changes, placed });
  });
  fc.assert(property, { numRuns: 150, seed });
}

test('the open orders of the reports are the resting orders of the books', (t) => {
  t.log(`SEED=${seed}`);
  playRandom(({ exchange, changes }) => {
    const open = [...changes].filter(([, change]) => change.status === 'open').map(([id]) => id);
    t.deepEqual(open.sort(), exchange.resting.map((order) => order.id).sort());
    return true;
  });
});

test('the reports tell price, place, turn, size and what is left and hidden of every resting order', (t) => {
  playRandom(({ exchange, changes, placed }) =>
    exchange.resting.every((order) => {
      const change = changes.get(order.id)!;
      const size = change.amendedSize ?? placed.get(order.id)!.size;
      const same = size === order.size && size - change.filledSize === order.remaining;
      return (
        same &&
        (change.hidden ?? 0) === order.remaining - shownOf(order) &&
        (change.turn || null) === order.turn &&
        (change.place ?? order.id) === order.place &&
        (change.amendedPrice ?? order.price) === order.price
      );
    }),
  );
  t.pass();
});

test('what is bought is sold, for the same value', (t) => {
  playRandom(({ changes, placed }) => {
    const filled = { buy: { size: 0, value: 0 }, sell: { size: 0, value: 0 } };
    for (const [id, { filledSize, executedValue }] of changes) {
      const total = filled[placed.get(id)!.side];
      total.size += filledSize;
      total.value += executedValue;
    }
    t.deepEqual(filled.buy, filled.sell);
    return true;
  });
});

test('every order is open, done or rejected, and none is filled beyond its size', (t) => {
  playRandom(({ changes, placed }) =>
    [...placed].every(([id, { size, funds }]) => {
      const { status, filledSize, executedValue, amendedSize } = changes.get(id)!;
      const withinSize = filledSize <= (amendedSize ?? size ?? Infinity);
      return status !== null && withinSize && executedValue <= (funds ?? Infinity);
    }),
  );
  t.pass();
});
