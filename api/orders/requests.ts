import type { Api } from '../api.ts';
import { refuseUnknownTrader, traderOf } from '../auth/traders.ts';
import { RequestError } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { CallerState } from '../http/context.ts';
import type { Scope } from '../http/scope.ts';
import { isTaken } from './accepted.ts';
import { amendOrder } from './amend.ts';
import { amendBody, listedAmend, listedId, refuseEmptyAmend } from './amend-body.ts';
import {
  type Acceptance,
  acceptanceOf,
  type BatchOutcome,
  batchOutcomes,
  prepareBatch,
  readElements,
  shardsOfBatch,
  submitBatch,
} from './batch.ts';
import { cancelOrder, cancelOrders } from './cancel.ts';
import { amendBatch, cancelBatch, messageOf } from './change-batch.ts';
import { orderNotFound } from './coverage.ts';
import { findOwnOrder, idOfOrder } from './find-order.ts';
import { readOrderName } from './order-name.ts';
import { acceptOrder, outcomeOf, placeIn } from './place.ts';
import { type PresentedOrder, presentOrder } from './presentation.ts';
import { readPlace } from './read-place.ts';
import { type OrderRecord, recordOf } from './record.ts';

/** What is asked of orders, by whichever transport. Each throws `RequestError` with what a client is told instead. */
export type OrderAnswer<Body = unknown> = {
  readonly status: 200 | 202;
  readonly body: Body;
  /** Of a batch for several shards, within each of which its orders are in order. */
  readonly shards?: readonly string[];
};

/** Who asks, and whether an answer is wanted as soon as what is sent is accepted. */
export type Asked = { readonly state: CallerState; readonly isAsync: boolean };

export async function placeByBody(
  api: Api,
  { state, isAsync }: Asked,
  body: unknown,
): Promise<OrderAnswer<PresentedOrder>> {
  const asked = readPlace(api, state, body);
  const { product } = asked;
  await refuseUnknownTrader(api, state.caller, asked.traderId);
  const taken = await acceptOrder(api, asked);
  const isPending = isAsync && isTaken(taken) && !taken.repeated;
  if (isPending) await api.shards.ofOrder(taken.sequence)!.confirm(taken);
  const order = isPending
    ? recordOf(taken.sequence, placeIn(asked), null)
    : await outcomeOf(api, asked, taken);
  return { status: isPending ? 202 : 200, body: presentOrder(order, product) };
}

export async function placeBatch(
  api: Api,
  { state, isAsync }: Asked,
  body: unknown,
): Promise<OrderAnswer<BatchOutcome[] | Acceptance>> {
  const batch = await prepareBatch(api, state, body);
  const taken = await submitBatch(api, batch);
  const shards = shardsOfBatch(batch.orders);
  return isAsync
    ? { status: 202, body: await acceptanceOf(api, taken), shards }
    : { status: 200, body: await batchOutcomes(api, batch.orders, taken), shards };
}

export async function orderByName(
  api: Api,
  { caller }: CallerState,
  { id, traderId }: { readonly id: string; readonly traderId: number | null },
): Promise<OrderAnswer<PresentedOrder>> {
  const name = readOrderName(id);
  const trader = traderOf(caller, traderId);
  const order = await findOwnOrder(api, trader, name);
  if (!order) throw await orderNotFound(api, await idOfOrder(api, trader, name));
  return { status: 200, body: await present(api, order) };
}

type ListAsked = { readonly traderId: number | null; readonly body: unknown };

/** Answers the id of each order, or why it was not canceled. A malformed name refuses all of them. */
export async function cancelByList(
  api: Api,
  { caller, requestId }: CallerState,
  { traderId, body }: ListAsked,
): Promise<OrderAnswer> {
  const names = readElements(body, (id) => readOrderName(String(readBody(listedId, id))));
  const outcomes = await cancelBatch(api, names, { traderId: traderOf(caller, traderId), requestId });
  const told = outcomes.map((one) => (one instanceof RequestError ? messageOf(one) : String(one)));
  return { status: 200, body: told };
}

/** Answers each order as it is then, or why it was not amended. A malformed element refuses all of them. */
export async function amendByList(
  api: Api,
  { caller, requestId }: CallerState,
  { traderId, body }: ListAsked,
): Promise<OrderAnswer> {
  const amends = readElements(body, (element) => {
    const { id, ...amend } = readBody(listedAmend, element);
    refuseEmptyAmend(amend);
    return { name: readOrderName(String(id)), body: amend };
  });
  const outcomes = await amendBatch(api, amends, { traderId: traderOf(caller, traderId), requestId });
  const told = await Promise.all(
    outcomes.map((one) => (one instanceof RequestError ? messageOf(one) : present(api, one))),
  );
  return { status: 200, body: told };
}

type Amending = { readonly id: string; readonly traderId: () => number | null; readonly body: unknown };

export async function amendByBody(
  api: Api,
  { caller, requestId }: CallerState,
  { id, traderId, body }: Amending,
): Promise<OrderAnswer<PresentedOrder>> {
  const name = readOrderName(id);
  const amend = readBody(amendBody, body);
  refuseEmptyAmend(amend);
  const request = { traderId: traderOf(caller, traderId()), requestId, name, body: amend };
  return { status: 200, body: await present(api, await amendOrder(api, request)) };
}

/** Answers the id. */
export async function cancelByName(
  api: Api,
  state: CallerState,
  { id, scope }: { readonly id: string; readonly scope: () => Scope },
): Promise<OrderAnswer<string>> {
  const orderId = await cancelOrder(api, readOrderName(id), cancelScope(state, scope()));
  return { status: 200, body: String(orderId) };
}

/** Answers the ids of those that were open. */
export async function cancelAll(api: Api, state: CallerState, scope: Scope): Promise<OrderAnswer<string[]>> {
  const orderIds = await cancelOrders(api, cancelScope(state, scope));
  return { status: 200, body: orderIds.map(String) };
}

function cancelScope({ caller, requestId }: CallerState, { product, traderId }: Scope) {
  return { traderId: traderOf(caller, traderId), productId: product?.productId ?? null, requestId };
}

async function present(api: Api, order: OrderRecord) {
  await api.catalogue.knowing([order.productId]);
  return presentOrder(order, api.catalogue.product(order.productId)!);
}
