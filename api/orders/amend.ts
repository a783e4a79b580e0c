import { isLive } from '../../core/order.ts';
import type { Api } from '../api.ts';
import { Unavailable } from '../errors.ts';
import { refusalFor } from '../http/reject-answers.ts';
import { type AmendBody, amendedAmounts } from './amend-body.ts';
import { whyNotResting } from './cancel.ts';
import { findOwnOrder, whereOrderIs } from './find-order.ts';
import type { OrderName } from './order-name.ts';
import type { OrderRecord } from './record.ts';

export type AmendRequest = {
  readonly traderId: number;
  readonly requestId: string;
  readonly name: OrderName;
  readonly body: AmendBody;
};

/** The change that an amend asks for, and the shard of its order. Throws `RequestError` if there can be none. */
export async function readAmend(api: Api, { traderId, name, body }: Omit<AmendRequest, 'requestId'>) {
  const found = await whereOrderIs(api, traderId, name);
  if (!found) throw refusalFor('order_not_resting');
  const { orderId, shard } = found;
  const productId = await productOfOrder(api, orderId, traderId);
  await api.catalogue.knowing([productId]);
  const amounts = amendedAmounts(body, api.catalogue.product(productId)!);
  return { shard, change: { kind: 'amend' as const, orderId, ...amounts } };
}

/** Gives a resting order another price or size, and returns it as it is then. Throws `RequestError` if it does not rest. */
export async function amendOrder(api: Api, request: AmendRequest): Promise<OrderRecord> {
  const { traderId, requestId } = request;
  const { shard, change } = await readAmend(api, request);
  const { orderId } = change;
  const [taken] = await shard.submit([{ ...change, traderId, time: Date.now(), requestId }]);
  const report = await shard.verdict(taken!);
  if (!report) throw new Unavailable('The amend was taken and is not matched yet; ask for the order');
  await shard.persistedThrough(taken!.sequence);
  if (report.rejectReason === 'order_not_resting') throw await whyNotResting(api, orderId, traderId);
  if (report.rejectReason !== null) throw refusalFor(report.rejectReason);
  return (await api.findOrder(orderId))!;
}

/** Of a resting order the market data know it at once; of one not matched yet PostgreSQL does in a moment. */
async function productOfOrder(api: Api, orderId: number, traderId: number): Promise<string> {
  const { marketData } = api.shards.ofOrder(orderId)!;
  await marketData.caughtUp();
  const resting = marketData.restingOrder(orderId);
  if (resting) return resting.productId;
  const order = await findOwnOrder(api, traderId, { orderId });
  if (!order || !isLive(order.status)) throw await whyNotResting(api, orderId, traderId);
  return order.productId;
}
