import { mostCommandsAnEntry } from '../../matcher/client.ts';
import type { Api } from '../api.ts';
import { firstUnknownTrader, unknownTrader } from '../auth/traders.ts';
import { BadRequest, requestErrorOf } from '../errors.ts';
import { readBody } from '../http/body.ts';
import type { CallerState } from '../http/context.ts';
import { atIndex } from '../http/middleware/json-body.ts';
import { type Accepted, isTaken } from './accepted.ts';
import { assertTogether, submitTogether } from './all-or-none.ts';
import { batchBody } from './body.ts';
import { outcomeOf, type Prepared, prepareOrders, submitPrepared } from './place.ts';
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
  return orders;
}

/** A batch that is read, and ready to be submitted. */
export type PreparedBatch = {
  readonly orders: readonly AskedOrder[];
  readonly prepared: Prepared;
  readonly isAllOrNone: boolean;
};

/** A list of orders, or an object that has one and says that all of it is to be placed or none. */
export async function prepareBatch(api: Api, state: CallerState, body: unknown): Promise<PreparedBatch> {
  const { orders: sent, isAllOrNone } = readAllOrNone(body);
  const orders = await readBatch(api, state, sent);
  const naming = (i: number, error: BadRequest) => new BadRequest(atIndex(i, error.message));
  if (isAllOrNone) assertTogether(orders, naming);
  return { orders, isAllOrNone, prepared: await prepareOrders(api, orders, naming) };
}

/** The body of REST that means the same. */
export function batchBodyOf(orders: readonly unknown[], isAllOrNone: boolean): unknown {
  return isAllOrNone ? { orders, all_or_none: true } : orders;
}

function readAllOrNone(body: unknown): { readonly orders: unknown; readonly isAllOrNone: boolean } {
  if (typeof body !== 'object' || body === null || !('orders' in body))
    return { orders: body, isAllOrNone: false };
  const { orders, all_or_none: isAllOrNone } = readBody(batchBody, body);
  return { orders, isAllOrNone };
}

/** Submits before it waits for anything. */
export function submitBatch(api: Api, { prepared, isAllOrNone }: PreparedBatch): Promise<Accepted[]> {
  return isAllOrNone ? submitTogether(api, prepared) : submitPrepared(api, prepared);
}

type NewOnes = { readonly first_id: string | null; readonly count: number };
/** For several shards also what is new in each. */
export type Acceptance = NewOnes & { readonly shards?: readonly (NewOnes & { readonly shard: string })[] };

/** What of a batch is new, told once it is safe from the loss of the primary. */
export async function acceptanceOf(api: Api, taken: readonly Accepted[]): Promise<Acceptance> {
  const fresh = taken.filter(isTaken).filter(({ repeated }) => !repeated);
  const byShard = Map.groupBy(fresh, ({ sequence }) => api.shards.ofOrder(sequence)!);
  await Promise.all([...byShard].map(([shard, ofShard]) => shard.confirm(ofShard.at(-1)!)));
  if (byShard.size <= 1) return newOnes(fresh);
  const shards = [...byShard].map(([{ name }, ofShard]) => ({ shard: name, ...newOnes(ofShard) }));
  return { ...newOnes(fresh), shards };
}

function newOnes(fresh: readonly { readonly sequence: number }[]): NewOnes {
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

/** The shards of a batch's products, if there are several: its orders are in order within each, and not between them. */
export function shardsOfBatch(orders: readonly AskedOrder[]): string[] {
  const shards = [...new Set(orders.map(({ product }) => product.shard))];
  return shards.length > 1 ? shards : [];
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
