import type { ExecutionContext } from 'ava';
import { recordOf } from '../../api/orders/record.ts';
import { shardKeys } from '../../core/keys.ts';
import { sleep } from '../../core/lifecycle.ts';
import { formatAmount } from '../../core/units.ts';
import type { Exchange } from './exchange.ts';
import { type History, type Replay, readHistory, replayNaively } from './history.ts';
import type { Seen, SeenOrder } from './load.ts';
import { byPlace, shownOf } from './naive-trading.ts';
import { sameMoney } from './same-money.ts';
import { readStored, storedFor } from './stored.ts';

/**
 * Holds what an exchange did against the naive book, fed with the sequence that PostgreSQL recorded: every order, every
 * trade, all money, the books in Redis, the books that the api shows, and what each client was answered.
 */
export async function sameAsNaive(
  t: ExecutionContext,
  exchange: Exchange,
  { orders, transfers }: Seen,
): Promise<History> {
  const sequence = await settled(exchange);
  const history = await readHistory(exchange.databaseUrl);
  t.is(history.commands.length, sequence, 'every sequence is recorded');
  const replay = replayNaively(history.commands);
  t.true(history.commands.every(({ kind, requestId }) => kind === 'product' || requestId));
  t.deepEqual(history.trades, replay.trades);
  t.deepEqual(history.orders, replay.orders);
  const products = [...replay.naive.products.keys()];
  const stored = await readStored(exchange, products, tradersOf(replay));
  t.deepEqual(stored, storedFor(replay.naive, sequence, sequence));
  for (const product of products) await sameBook(t, exchange, { product, replay });
  await sameMoney(t, exchange, { replay, seen: transfers });
  for (const one of orders) sameAnswer(t, one, replay);
  onceEach(t, orders, history);
  return history;
}

function tradersOf({ naive }: Replay): number[] {
  const names = [...naive.accounts.balances.keys()];
  return [...new Set(names.map((name) => Number(name.split(' ')[0])))];
}

/** Waits until all that was accepted is matched and persisted, and returns the last sequence. */
export async function settled({ redis, shard }: Exchange): Promise<number> {
  for (let waits = 0; waits < 1_000; waits++) {
    const [sequence, persisted] = await redis.hmget(shardKeys(shard).state, 'sequence', 'persisted');
    if (sequence === persisted) return Number(sequence);
    await sleep(20);
  }
  throw new Error('what was accepted is not persisted');
}

async function sameBook(
  t: ExecutionContext,
  { anonymous }: Exchange,
  { product, replay }: { product: string; replay: Replay },
): Promise<void> {
  const { body } = await anonymous.get(`/products/${product}/book?level=3`);
  const half = (side: 'buy' | 'sell', sign: number): string[][] =>
    replay.naive.resting
      .filter((order) => order.productId === product && order.side === side)
      .sort((a, b) => (a.price! - b.price!) * sign || byPlace(a, b))
      .map((order) => [formatAmount(order.price!, cent), String(shownOf(order)), String(order.id)]);
  t.deepEqual([body.bids, body.asks], [half('buy', -1), half('sell', 1)], product);
  t.is(body.sequence, replay.naive.products.get(product)!.feed);
}

const cent = { digits: 2, units: 1 };

/** The answer to a request is what the naive exchange says of that very command. */
function sameAnswer(t: ExecutionContext, { order, atOnce, clientOid }: SeenOrder, { reports }: Replay): void {
  if (!atOnce || !order) return;
  const report = reports[Number(order.id) - 1]!;
  const { command } = report;
  if (command.kind !== 'place') throw new Error(`sequence ${order.id} is no order`);
  const record = recordOf(report.sequence, command, report);
  t.is(command.clientOid, clientOid);
  t.like(order, {
    status: record.status,
    filled_size: String(record.filledSize),
    executed_value: formatAmount(record.executedValue, cent),
  });
}

/** Each client order id made one order, which is the one that the client was told of, or was told that it was refused. */
function onceEach(t: ExecutionContext, seen: readonly SeenOrder[], { orders }: History): void {
  const refused = 'insufficient_funds';
  const nameOf = ({ traderId, clientOid }: { traderId: number; clientOid: string | null }): string =>
    `${traderId} ${clientOid}`;
  const stored = new Map(orders.map((order) => [nameOf(order), order]));
  t.is(stored.size, orders.length, 'no order came twice');
  t.deepEqual([...stored.keys()].sort(), [...new Set(seen.map(nameOf))].sort());
  for (const one of seen) {
    const { orderId, rejectReason } = stored.get(nameOf(one))!;
    if (one.order) t.is(one.order.id, String(orderId));
    // Who was told that it is pending, since the matcher was away for long, does not know yet.
    if (one.order?.status !== 'pending') t.is(rejectReason === refused, !one.order, nameOf(one));
  }
}
