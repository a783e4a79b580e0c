import type { Report } from '../../core/wire/reports.ts';
import type { Api } from '../api.ts';
import { BadRequest, RequestError, Unavailable } from '../errors.ts';
import { refusalFor } from '../http/reject-answers.ts';
import type { Shard } from '../shard/shard.ts';
import { type AmendRequest, readAmend } from './amend.ts';
import { whyNotResting } from './cancel.ts';
import { whereOrderIs } from './find-order.ts';
import type { OrderName } from './order-name.ts';
import type { OrderRecord } from './record.ts';

type Change =
  | { readonly kind: 'cancel'; readonly orderId: number; readonly productId: null }
  | Awaited<ReturnType<typeof readAmend>>['change'];

type Ready = { readonly shard: Shard; readonly change: Change };
/** A change that can be submitted, or why there is none. */
type Asked = Ready | RequestError;

type Whose = { readonly traderId: number; readonly requestId: string };

/** Cancels orders next to each other and in order. For each its id, or why it was not canceled. */
export async function cancelBatch(
  api: Api,
  names: readonly OrderName[],
  whose: Whose,
): Promise<(number | RequestError)[]> {
  const asked = await Promise.all(
    names.map(async (name): Promise<Asked> => {
      const found = await whereOrderIs(api, whose.traderId, name);
      if (!found) return refusalFor('order_not_resting');
      return { shard: found.shard, change: { kind: 'cancel', orderId: found.orderId, productId: null } };
    }),
  );
  return changeAll(api, asked, whose, ({ orderId }) => orderId);
}

/** Amends orders next to each other and in order. For each the order as it is then, or why it was not amended. */
export async function amendBatch(
  api: Api,
  amends: readonly Pick<AmendRequest, 'name' | 'body'>[],
  whose: Whose,
): Promise<(OrderRecord | RequestError)[]> {
  const asked = await Promise.all(amends.map((amend) => readAmend(api, { ...amend, ...whose }).catch(known)));
  return changeAll(api, asked, whose, async ({ orderId }) => (await api.findOrder(orderId))!);
}

/** What a client is told; anything else is thrown. */
function known(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  throw error;
}

/** Submits what can be submitted in one call, which keeps it together in the sequence. */
async function changeAll<T>(
  api: Api,
  asked: readonly Asked[],
  { traderId, requestId }: Whose,
  outcome: (change: Change) => T | Promise<T>,
): Promise<(T | RequestError)[]> {
  const good = asked.filter((one): one is Ready => !(one instanceof RequestError));
  const shard = good[0]?.shard;
  if (good.some((one) => one.shard !== shard))
    throw new BadRequest('Invalid body: the orders of a batch must be of one shard');
  if (!shard) return asked as RequestError[];
  const time = Date.now();
  const taken = await shard.submit(good.map(({ change }) => ({ ...change, traderId, time, requestId })));
  const reports = await Promise.all(taken.map(shard.verdict));
  await shard.persistedThrough(taken.at(-1)!.sequence);
  const told = async (change: Change, report: Report | null): Promise<T | RequestError> => {
    if (!report) return new Unavailable('This was taken and is not matched yet; ask for the order');
    if (report.rejectReason === null) return outcome(change);
    if (report.rejectReason !== 'order_not_resting') return refusalFor(report.rejectReason);
    return whyNotResting(api, change.orderId, traderId);
  };
  let next = 0;
  return Promise.all(
    asked.map((one) => (one instanceof RequestError ? one : told(one.change, reports[next++]!))),
  );
}

/** As it stands in an answer. */
export const messageOf = ({ message }: RequestError) => ({ message });
