import { isLive } from '../../core/order.ts';
import type { RejectReason } from '../../core/reject-reasons.ts';
import type { Report } from '../../core/wire/reports.ts';
import type { Api } from '../api.ts';
import { BadRequest, NotFound, type RequestError, Unavailable } from '../errors.ts';
import { refusalFor } from '../http/reject-answers.ts';
import type { Shard } from '../shard/shard.ts';
import { thoseThere } from '../shard/shards.ts';
import { whereOrderIs } from './find-order.ts';
import type { OrderName } from './order-name.ts';

/** Whose order to cancel; with a product, only if it is of that product. */
export type CancelScope = {
  readonly traderId: number;
  readonly productId: string | null;
  readonly requestId: string;
};

/** Cancels an order and returns its id. Throws `RequestError` if it does not rest. */
export async function cancelOrder(api: Api, name: OrderName, scope: CancelScope): Promise<number> {
  const found = await whereOrderIs(api, scope.traderId, name);
  if (!found) throw refusalFor('order_not_resting');
  const { orderId, shard } = found;
  const [report] = await cancel(shard, [orderId], scope);
  const { sequence, rejectReason } = report!;
  if (rejectReason === null) return orderId;
  if (rejectReason !== 'order_not_resting') throw refusalFor(rejectReason);
  await shard.persistedThrough(sequence);
  throw await whyNotResting(api, orderId, scope.traderId);
}

/** An order that does not rest may have rested; only its owner is told so. */
export async function whyNotResting(api: Api, orderId: number, traderId: number): Promise<RequestError> {
  const order = await api.findOrder(orderId);
  const isOwn = order?.traderId === traderId;
  return isOwn && !isLive(order.status)
    ? new BadRequest('Order already done')
    : new NotFound('order not found');
}

/**
 * Cancels all that is open of a trader, in batches, and returns the ids of those that were still open then. One request of a
 * trader comes after another, so that none cancels what another is about to. Throws `RequestError` if orders are left which
 * their product does not let go, or after all others if they are in a shard that is away.
 */
export function cancelOrders(api: Api, scope: CancelScope): Promise<number[]> {
  return api.cancelTurns(scope.traderId, async () => {
    const canceled: number[] = [];
    let refusal: RejectReason | null = null;
    const { away } = await thoseThere(shardsOf(api, scope), async (shard) => {
      await shard.matchedOf(scope.traderId);
      const open = shard.marketData.openOrderIds(scope.traderId, scope.productId);
      for (const [i, { rejectReason }] of (await cancelIn(shard, open, scope)).entries()) {
        if (rejectReason === null) canceled.push(open[i]!);
        else if (rejectReason !== 'order_not_resting') refusal = rejectReason;
      }
    });
    if (away.length > 0) throw notCanceledIn(away, canceled);
    if (canceled.length === 0 && refusal !== null) throw refusalFor(refusal);
    return canceled;
  });
}

/** So few that others' orders, which come between, do not wait for long. */
const cancelsAtATime = 200;

/** Where orders of the scope can be. */
function shardsOf({ catalogue, shards }: Api, { productId }: CancelScope): readonly Shard[] {
  return productId === null ? shards.all : [shards.ofProduct(catalogue.product(productId)!)];
}

/** Nobody may take it for done while orders may be left open. */
function notCanceledIn(away: readonly Shard[], canceled: readonly number[]): Unavailable {
  const names = away.map(({ name }) => name).join(' and ');
  return new Unavailable(
    `Canceled ${canceled.length} orders, and none of shard ${names}, which does not answer; send it again`,
  );
}

/** Cancels any number of orders of a shard, in batches, and says what became of each. */
export async function cancelIn(
  shard: Shard,
  orderIds: readonly number[],
  scope: CancelScope,
): Promise<Report[]> {
  const reports: Report[] = [];
  for (let from = 0; from < orderIds.length; from += cancelsAtATime)
    reports.push(...(await cancel(shard, orderIds.slice(from, from + cancelsAtATime), scope)));
  return reports;
}

async function cancel(shard: Shard, orderIds: readonly number[], scope: CancelScope): Promise<Report[]> {
  const time = Date.now();
  const taken = await shard.submit(orderIds.map((orderId) => ({ kind: 'cancel', ...scope, orderId, time })));
  const reports = await Promise.all(taken.map(shard.verdict));
  return reports.map((report) => {
    if (report) return report;
    throw new Unavailable(
      'The cancel was taken and is not matched yet; ask for the order, or cancel it again',
    );
  });
}
