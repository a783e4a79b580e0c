import { mostCommandsAnEntry } from '../../matcher/client.ts';
import type { Api } from '../api.ts';
import { firstUnknownTrader, unknownTrader } from '../auth/traders.ts';
import { BadRequest, requestErrorOf } from '../errors.ts';
import type { CallerState } from '../http/context.ts';
import { atIndex } from '../http/middleware/json-body.ts';
import { type Accepted, acceptOrders, outcomeOf } from './place.ts';
import { presentOrder } from './presentation.ts';
import { type AskedOrder, readPlace } from './read-place.ts';

/** Reads every order of a batch. One that is wrong refuses them all, and is named by its index. */
export async function readBatch(api: Api, state: CallerState, body: unknown): Promise<AskedOrder[]> {
  if (!Array.isArray(body)) throw new BadRequest('Invalid body: must be a JSON array');
  if (body.length < 1 || body.length > mostCommandsAnEntry)
    throw new BadRequest(`Invalid body: must have 1 to ${mostCommandsAnEntry} orders`);
  const orders = body.map((element, index) => atElement(index, () => readPlace(api, state, element)));
  const traderIds = orders.map(({ traderId }) => traderId);
  const unknown = await firstUnknownTrader(api, state.caller, traderIds);
  if (unknown !== -1) throw namingElement(unknown, unknownTrader(traderIds[unknown]!));
  if (orders.some(({ product }) => product.shard !== orders[0]!.product.shard))
    throw new BadRequest('Invalid body: the products of a batch must be of one shard');
  return orders;
}

export async function acceptBatch(api: Api, orders: readonly AskedOrder[]): Promise<Accepted[]> {
  const shard = api.shards.ofProduct(orders[0]!.product);
  return acceptOrders(api, shard, orders, (i, error) => new BadRequest(atIndex(i, error.message)));
}

/** For each order what became of it, or the message with which it was refused. */
export function batchOutcomes(api: Api, orders: readonly AskedOrder[], taken: readonly Accepted[]) {
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
