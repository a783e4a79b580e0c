import { mostCommandsAnEntry } from '../../matcher/client.ts';
import type { Api } from '../api.ts';
import { firstUnknownTrader, unknownTrader } from '../auth/traders.ts';
import { BadRequest, requestErrorOf } from '../errors.ts';
import type { CallerState } from '../http/context.ts';
import { atIndex } from '../http/middleware/json-body.ts';
import { type Accepted, isTaken, outcomeOf, type Prepared, prepareOrders, submitPrepared } from './place.ts';
import { type PresentedOrder, presentOrder } from './presentation.ts';
import { type AskedOrder, readPlace } from './read-place.ts';

/** Reads each element of a batch. Throws what is wrong with the first that is, with its index. */
export function readElements<T>(body: unknown, read: (element: unknown) => T): T[] {
  if (!Array.isArray(body)) throw new BadRequest('Invalid body: must be a JSON array');
  if (body.length < 1 || body.length > mostCommandsAnEntry)
    throw new BadRequest(`Invalid body: must have 1 to ${mostCommandsAnEntry} orders`);
  return body.map((element, index) => atElement(index, () => read(element)));
}

/** Reads every order of a batch. One that is wrong refuses them all, and is named by its index. */
async function readBatch(api: Api, state: CallerState, body: unknown): Promise<AskedOrder[]> {
  const orders = readElements(body, (element) => readPlace(api, state, element));
  const traderIds = orders.map(({ traderId }) => traderId);
  const unknown = await firstUnknownTrader(api, state.caller, traderIds);
  if (unknown !== -1) throw namingElement(unknown, unknownTrader(traderIds[unknown]!));
  if (orders.some(({ product }) => product.shard !== orders[0]!.product.shard))
    throw new BadRequest('Invalid body: the products of a batch must be of one shard');
  return orders;
}

/** A batch that is read, and ready to be submitted. */
export type PreparedBatch = { readonly orders: readonly AskedOrder[]; readonly prepared: Prepared };

export async function prepareBatch(api: Api, state: CallerState, body: unknown): Promise<PreparedBatch> {
  const orders = await readBatch(api, state, body);
  const naming = (i: number, error: BadRequest) => new BadRequest(atIndex(i, error.message));
  return { orders, prepared: await prepareOrders(api, orders, naming) };
}

/** Submits before it waits for anything. */
export function submitBatch(api: Api, { orders, prepared }: PreparedBatch): Promise<Accepted[]> {
  return submitPrepared(api, api.shards.ofProduct(orders[0]!.product), prepared);
}

export type Acceptance = { readonly first_id: string | null; readonly count: number };

/** What of a batch is new, told once it is safe from the loss of the primary. */
export async function acceptanceOf(api: Api, taken: readonly Accepted[]): Promise<Acceptance> {
  const fresh = taken.filter(isTaken).filter(({ repeated }) => !repeated);
  for (const { sequence } of fresh.slice(-1)) await api.shards.ofOrder(sequence)!.confirm(sequence);
  return { first_id: fresh.length > 0 ? String(fresh[0]!.sequence) : null, count: fresh.length };
}

/** What became of an order, or the message with which it was refused. */
export type BatchOutcome = PresentedOrder | { readonly message: string };

export function batchOutcomes(
  api: Api,
  orders: readonly AskedOrder[],
  taken: readonly Accepted[],
): Promise<BatchOutcome[]> {
  return Promise.all(
    orders.map(async (order, i) => {
      try {
        return presentOrder(await outcomeOf(api, order, taken[i]!), order.product);
      } catch (error) {
        const known = requestErrorOf(error);
        if (!known) throw error;
        return { message: known.message };
      }
    }),
  );
}

function atElement<T>(index: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw namingElement(index, error);
  }
}

function namingElement(index: number, error: unknown): unknown {
  return error instanceof BadRequest ? new BadRequest(atIndex(index, error.message)) : error;
}
