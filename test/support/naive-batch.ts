import { type RejectReason, rejectReasons } from '../../core/reject-reasons.ts';
import type { Batch, Command, Place } from '../../core/wire/commands.ts';
import { canHold, holdOf, payingAccount } from './naive-accounts.ts';
import type { NaiveBatch, NaiveExchange, NaiveOrder } from './naive-exchange.ts';

/** The commands that follow one, as far as it must know them. */
export function followersOf(commands: readonly Command[], at: number): readonly Command[] {
  const command = commands[at]!;
  return command.kind === 'batch' ? commands.slice(at + 1, at + 1 + command.count) : [];
}

/** How a single order is judged, and what it is as it comes in. */
type Single = {
  readonly isRefusedFor: (reason: RejectReason, place: Place) => boolean;
  readonly incoming: (place: Place) => NaiveOrder;
};

/** Judges each order of a batch by the exchange as it is before the first of them. */
export function judgeBatch(
  exchange: NaiveExchange,
  { count }: Batch,
  { orders, ...single }: Single & { readonly orders: readonly Command[] },
): NaiveBatch {
  const first = exchange.sequence + 1;
  const reasons = new Map<number, RejectReason>();
  const lastOf = new Map<string, number>();
  const counted: Counted[] = [];
  for (const [i, command] of orders.entries()) {
    if (command.kind === 'time') lastOf.set(command.productId, first + i);
    if (!isLimitOrder(command)) continue;
    lastOf.set(command.productId, first + i);
    const reason = judge(exchange, command, { ...single, counted });
    if (reason) reasons.set(first + i, reason);
    else counted.push({ ...single.incoming(command), mayRest: command.timeInForce !== 'IOC' });
  }
  const isRefused =
    reasons.size > 0 || !orders.every((order) => isLimitOrder(order) || order.kind === 'time');
  const before = new Map([...exchange.products].map(([id, { last }]) => [id, last]));
  return { until: exchange.sequence + count, isRefused, reasons, lastOf, before, prices: new Map() };
}

function isLimitOrder(command: Command): command is Place {
  return (
    command.kind === 'place' &&
    command.price !== null &&
    command.stop === null &&
    command.timeInForce !== 'FOK'
  );
}

/** An order of a batch that is not refused itself. */
type Counted = NaiveOrder & { readonly mayRest: boolean };
type Judging = Single & { readonly counted: readonly Counted[] };

function judge(exchange: NaiveExchange, place: Place, judging: Judging): RejectReason | null {
  const { isRefusedFor, incoming, counted } = judging;
  const firstReasons = rejectReasons.slice(0, rejectReasons.indexOf('post_only'));
  const found = firstReasons.find((reason) => isRefusedFor(reason, place));
  if (found) return found;
  const order = incoming(place);
  if (isRefusedFor('post_only', place) || (place.postOnly && counted.some((other) => meet(order, other))))
    return 'post_only';
  const account = payingAccount(exchange, order);
  const sharing = counted.filter((other) => payingAccount(exchange, other) === account);
  const need = [...sharing, order].reduce((sum, each) => sum + holdOf(exchange, each), 0n);
  return canHold(exchange, order, need, 0n) ? null : 'insufficient_funds';
}

/** Whether an order would trade with an earlier one of the batch. */
function meet(order: NaiveOrder, other: Counted): boolean {
  if (!other.mayRest || order.productId !== other.productId || order.side === other.side) return false;
  return order.side === 'buy' ? order.price! >= other.price! : order.price! <= other.price!;
}

/** Why an order of a batch is refused, null if it is not; undefined for any other command. */
export function reasonInBatch(
  { batch, sequence }: NaiveExchange,
  command: Command,
): RejectReason | null | undefined {
  if (command.kind === 'batch') return batch!.isRefused ? 'all_or_none' : null;
  if (command.kind !== 'place' || !batch || sequence > batch.until) return undefined;
  return batch.reasons.get(sequence) ?? (batch.isRefused ? 'all_or_none' : null);
}
